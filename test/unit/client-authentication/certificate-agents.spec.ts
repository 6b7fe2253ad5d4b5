import { Agent } from 'node:https';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { CertificateAgents, type ClientCertificate } from '../../../lib/client-authentication/certificate-agents.js';

const identity = { cert: 'CERT', key: 'KEY', passphrase: undefined };
const agentWithCertificate = (certificate: Omit<ClientCertificate, 'thumbprint'>, configured: Agent | undefined) =>
  new CertificateAgents(configured).for({ ...certificate, thumbprint: 't' });

class ProxyAgent extends Agent {}

describe('CertificateAgents', () => {
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

  it('keeps the agent of a certificate', () => {
    const agents = new CertificateAgents(undefined);
    const [first, second] = [
      { ...identity, thumbprint: 'a' },
      { ...identity, thumbprint: 'b' },
    ];
    expect(agents.for(first)).toBe(agents.for(first));
    expect(agents.for(second)).not.toBe(agents.for(first));
  });

  it('closes idle connections that showed the last certificate, and those in use after that', () => {
    const agents = new CertificateAgents(undefined);
    const old = agents.for({ ...identity, thumbprint: 'a' });
    const idle = new Socket();
    Object.assign(old.freeSockets, { 'id.example.com:443': [idle] });
    expect(old.keepSocketAlive(idle)).toBe(true);
    agents.for({ ...identity, thumbprint: 'b' });
    expect([idle.destroyed, old.keepSocketAlive(new Socket())]).toEqual([true, false]);
  });
});
