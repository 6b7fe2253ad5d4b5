import { join } from 'node:path';
import { freePort } from '../../support/free-port.js';
import { ServerProcess } from '../support/server-process.js';
import { keycloakDistribution } from './distribution.js';
import { KeycloakRealm } from './keycloak-realm.js';

const ADMIN = { username: 'admin', password: 'admin-password' };

/** A real Keycloak on a free port of the loopback interface. What it knows survives a restart, and goes away with it. */
export class KeycloakServer implements AsyncDisposable {
  private readonly server = new ServerProcess();

  private constructor(
    private readonly distribution: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<KeycloakServer> {
    const keycloak = new KeycloakServer(await keycloakDistribution(), await freePort());
    try {
      await keycloak.run();
    } catch (error) {
      await keycloak[Symbol.asyncDispose]();
      throw error;
    }
    return keycloak;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, or starts it again on the same port, and waits until it answers. */
  run(): Promise<void> {
    return this.server.run(`${this.url}/realms/master`, ['java', ...this.arguments], {
      KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
      KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
    });
  }

  /** Ends it at once, as a lost machine would. */
  kill(): Promise<void> {
    return this.server.kill();
  }

  /** Adds a realm. */
  async addRealm(representation: { readonly realm: string }): Promise<KeycloakRealm> {
    const realm = new KeycloakRealm(this.url, representation.realm, ADMIN);
    await realm.administer('POST', '/admin/realms', representation);
    return realm;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]();
  }

  /** Those of `kc.sh`, which would start Java as a process of its own: that would stay if this process were killed. */
  private get arguments(): readonly string[] {
    const { folder } = this.server;
    const opened = ['util', 'util.concurrent', 'security', 'lang'].map((name) => `java.base/java.${name}=ALL-UNNAMED`);
    return [
      '-XX:TieredStopAtLevel=1',
      '-Xmx512m',
      ...opened.map((name) => `--add-opens=${name}`),
      `-Dkc.home.dir=${this.distribution}`,
      `-Djboss.server.config.dir=${join(this.distribution, 'conf')}`,
      '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
      // Else several servers at once would share a folder in the distribution.
      `-Dquarkus.transaction-manager.object-store.directory=${join(folder, 'transactions')}`,
      '-cp',
      join(this.distribution, 'lib', 'quarkus-run.jar'),
      'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
      'start',
      '--optimized',
      '--cache=local',
      '--http-enabled=true',
      '--hostname-strict=false',
      '--http-host=127.0.0.1',
      `--http-port=${this.port}`,
      `--db-url=jdbc:h2:file:${join(folder, 'database')};NON_KEYWORDS=VALUE`,
    ];
  }
}
