import { Agent, type ClientRequestArgs } from 'node:http';
import { connect, type Socket } from 'node:net';

/**
 * The network of a compose file without containers: plain HTTP to the names of its services goes to ports of this
 * machine, and no other name exists.
 */
export class ComposeNetwork extends Agent {
  /** @param ports of this machine, by host and port of the network: `keycloak:8080` */
  constructor(readonly ports: Map<string, number>) {
    super();
  }

  override createConnection({ host, port }: ClientRequestArgs): Socket {
    const real = this.ports.get(`${host}:${port}`);
    if (real !== undefined) return connect(real, '127.0.0.1');
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
  }
}
