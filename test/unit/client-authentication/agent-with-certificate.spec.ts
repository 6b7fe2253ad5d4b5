import { Agent } from 'node:https';
import { describe, expect, it } from '@jest/globals';
import { agentWithCertificate } from '../../../lib/client-authentication/agent-with-certificate.js';

const identity = { cert: 'CERT', key: 'KEY', passphrase: undefined };

class ProxyAgent extends Agent {}

describe('agentWithCertificate', () => {
  it('is an agent with the certificate if there is no other', () => {
    expect(agentWithCertificate({ ...identity, ca: 'CA' }, undefined).options).toMatchObject({
      keepAlive: true,
      cert: 'CERT',
      key: 'KEY',
      ca: 'CA',
    });
  });

  it('keeps the options of an agent, and not its identity', () => {
    const proxyEnv = { https_proxy: 'http://proxy.test' };
    const theirs = {
      ca: 'THEIR CA',
      maxSockets: 3,
      keepAlive: false,
      proxyEnv,
      pfx: 'PFX',
      cert: 'OTHER',
      passphrase: 'a',
    };
    const configured = new Agent(theirs);
    const agent = agentWithCertificate({ ...identity, ca: undefined }, configured);
    expect(agent).not.toBe(configured);
    const kept = { ca: 'THEIR CA', maxSockets: 3, keepAlive: false, proxyEnv };
    expect(agent.options).toMatchObject({ ...kept, ...identity, pfx: undefined });
  });

  it('prefers the authorities of the certificate', () => {
    const agent = agentWithCertificate({ ...identity, ca: 'CA' }, new Agent({ ca: 'THEIR CA' }));
    expect(agent.options).toMatchObject({ ca: 'CA' });
  });

  it.each<[string, () => Agent, string]>([
    ['of another class', () => new ProxyAgent(), 'ProxyAgent'],
    ['with a method of its own', () => Object.assign(new Agent(), { createConnection: () => undefined }), 'Agent'],
    ['with a context that was made before', () => new Agent({ secureContext: {} } as object), 'Agent'],
    ['that is none of Node', () => ({ addRequest: () => undefined }) as never, 'Object'],
  ])('refuses an agent %s, which would be dropped', (_, configured, name) => {
    expect(() => agentWithCertificate(identity, configured())).toThrow(
      new RegExp(`http\\.httpsAgent is an agent \\(${name}\\)[^]*write: http: \\{ proxy: `),
    );
  });
});
