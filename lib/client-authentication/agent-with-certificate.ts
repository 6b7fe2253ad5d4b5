import { Agent } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { M2MConfigurationError } from '../errors/configuration.error.js';

/** The options of a connection that shows a client certificate. */
export type ClientCertificate = Pick<SecureContextOptions, 'cert' | 'key' | 'passphrase' | 'ca'>;

/**
 * A new agent that shows a client certificate, and does everything else as another agent does: authorities, limits, the
 * proxy of the environment.
 *
 * @param configured the agent of `http.httpsAgent`, if there is one
 * @throws M2MConfigurationError if that is more than an agent of Node's with options, so that no copy of it can be made
 */
export function agentWithCertificate(certificate: ClientCertificate, configured: Agent | undefined): Agent {
  const { cert, key, passphrase, ca = configured?.options?.ca } = certificate;
  if (configured && !isPlain(configured)) refuse(configured);
  // An identity in another form would come before this one.
  return new Agent({ keepAlive: true, ...configured?.options, pfx: undefined, cert, key, passphrase, ca });
}

/** Whether an agent is what its options say: no subclass, no method of its own, no context made before. */
function isPlain(agent: Agent): boolean {
  const isNodes = Object.getPrototypeOf(agent) === Agent.prototype;
  const hasMethods = ['createConnection', 'addRequest', 'createSocket'].some((name) => Object.hasOwn(agent, name));
  return isNodes && !hasMethods && (agent.options as { secureContext?: unknown }).secureContext === undefined;
}

function refuse(agent: Agent): never {
  throw new M2MConfigurationError({
    option: 'http.httpsAgent',
    problem: `is an agent (${agent.constructor.name}) to which the certificate of mutualTls() cannot be added`,
    remedy: "http: { proxy: { host: 'proxy.example.com', port: 3128 }, httpsAgent: new https.Agent({ ca }) }",
  });
}
