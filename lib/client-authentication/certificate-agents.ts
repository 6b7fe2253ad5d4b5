import { Agent } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { M2MConfigurationError } from '../errors/configuration.error.js';

/** The options of a connection that shows a client certificate. */
export interface ClientCertificate extends Pick<SecureContextOptions, 'cert' | 'key' | 'passphrase' | 'ca'> {
  /** SHA-256 of the certificate, base64url. */
  readonly thumbprint: string;
}

/**
 * Agents that show a client certificate, and do everything else as another agent does: authorities, limits, the proxy of
 * the environment. Connections that showed the certificate before are closed when they are no longer used.
 */
export class CertificateAgents {
  readonly #configured: Agent | undefined;
  readonly #agents = new WeakMap<ClientCertificate, Agent>();
  #latest: Agent | undefined;

  /**
   * @param configured the agent of `http.httpsAgent`, if there is one
   * @throws M2MConfigurationError if that is more than an agent of Node's with options, so that no copy of it can be made
   */
  constructor(configured: Agent | undefined) {
    if (configured && !isPlain(configured)) refuse(configured);
    this.#configured = configured;
  }

  /** The agent that shows a certificate, always the same one. */
  for(certificate: ClientCertificate): Agent {
    const known = this.#agents.get(certificate);
    if (known) return known;
    const { cert, key, passphrase, ca = this.#configured?.options?.ca } = certificate;
    // An identity in another form would come before this one.
    const options = { keepAlive: true, ...this.#configured?.options, pfx: undefined, cert, key, passphrase, ca };
    const agent = new Agent(options);
    this.#agents.set(certificate, agent);
    if (this.#latest) retire(this.#latest);
    this.#latest = agent;
    return agent;
  }
}

/** Closes the idle connections of an agent now, and the others after the requests that they are used for. */
function retire(agent: Agent): void {
  agent.keepSocketAlive = () => false;
  for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
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
