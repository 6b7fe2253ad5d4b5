import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.js';
import { ServerProcess } from '../support/server-process.js';
import { keptFolder, run } from '../support/java.js';

const SOURCES = join(import.meta.dirname, 'authorization-server');

/** The client that is registered there. */
export const ORDERS = { clientId: 'orders', clientSecret: 'secret-of-orders', scope: 'read:products' };

/** A real Spring Authorization Server on a free port of the loopback interface. */
export class SpringServer implements AsyncDisposable {
  private readonly server = new ServerProcess();

  private constructor(readonly issuer: string) {}

  /** @param profile `customized`: with the token customizer */
  static async start(profile: 'stock' | 'customized'): Promise<SpringServer> {
    const folder = await builtServer();
    const port = await freePort();
    const spring = new SpringServer(`http://127.0.0.1:${port}`);
    const client = 'spring.security.oauth2.authorizationserver.client.orders.registration';
    try {
      await spring.server.run(`${spring.issuer}/.well-known/openid-configuration`, [
        'java',
        '-XX:TieredStopAtLevel=1',
        '-Xmx256m',
        '-jar',
        join(folder, 'target', 'authorization-server-1.jar'),
        '--server.address=127.0.0.1',
        `--server.port=${port}`,
        `--spring.profiles.active=${profile}`,
        `--spring.security.oauth2.authorizationserver.issuer=${spring.issuer}`,
        `--${client}.client-id=${ORDERS.clientId}`,
        `--${client}.client-secret={noop}${ORDERS.clientSecret}`,
        `--${client}.client-authentication-methods=client_secret_basic`,
        `--${client}.authorization-grant-types=client_credentials`,
        `--${client}.scopes=${ORDERS.scope},write:products`,
      ]);
    } catch (error) {
      await spring[Symbol.asyncDispose]();
      throw error;
    }
    return spring;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]();
  }
}

/** The folder of the server that is built; the first call on a machine downloads 40 MB. */
function builtServer(): Promise<string> {
  const files = readdirSync(SOURCES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const sources = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  return keptFolder('spring-authorization-server', sources.join('\n'), async (folder) => {
    cpSync(SOURCES, folder, { recursive: true });
    await run('mvn', ['--batch-mode', '--quiet', '-DskipTests', 'package'], folder);
  });
}
