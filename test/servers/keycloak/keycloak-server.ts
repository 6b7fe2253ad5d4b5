import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestAuthority, type TestCertificate } from '../../support/certificates.js';
import { freePort } from '../../support/free-port.js';
import { ServerProcess, started } from '../support/server-process.js';
import { keycloakDistribution } from './distribution.js';
import { KeycloakRealm } from './keycloak-realm.js';

const ADMIN = { username: 'admin', password: 'admin-password' };

/** A real Keycloak on a free port of the loopback interface. What it knows survives a restart, and goes away with it. */
export class KeycloakServer implements AsyncDisposable {
  private readonly server = new ServerProcess();
  private readonly authority = new TestAuthority('authority of Keycloak');

  private constructor(
    private readonly distribution: string,
    private readonly port: number,
    private readonly httpsPort: number,
  ) {}

  static async start(): Promise<KeycloakServer> {
    const keycloak = new KeycloakServer(await keycloakDistribution(), await freePort(), await freePort());
    return started(keycloak, async () => {
      keycloak.writeCertificates();
      await keycloak.run();
    });
  }

  /** Its public URL, which its tokens name. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The same server for clients with a certificate. */
  get httpsUrl(): string {
    return `https://127.0.0.1:${this.httpsPort}`;
  }

  /** The authority that signed its certificate, as PEM. It trusts that authority's certificates of clients, too. */
  get ca(): string {
    return this.authority.cert;
  }

  /** A certificate that it trusts. */
  clientCertificate(commonName: string): TestCertificate {
    return this.authority.issue(commonName);
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

  private writeCertificates(): void {
    const { key, cert } = this.authority.issue('127.0.0.1');
    for (const [name, pem] of Object.entries({ key, cert, ca: this.ca })) {
      writeFileSync(join(this.server.folder, `${name}.pem`), pem);
    }
  }

  /** Those of `kc.sh`, which would start Java as a process of its own: that would stay if this process were killed. */
  private get arguments(): readonly string[] {
    const { folder } = this.server;
    const opened = ['util', 'util.concurrent', 'security', 'lang'].map((name) => `java.base/java.${name}=ALL-UNNAMED`);
    return [
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
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
      '--http-host=127.0.0.1',
      `--http-port=${this.port}`,
      `--https-port=${this.httpsPort}`,
      `--https-certificate-file=${join(folder, 'cert.pem')}`,
      `--https-certificate-key-file=${join(folder, 'key.pem')}`,
      // `truststore-paths` would write a file in the distribution, which other servers overwrite.
      `--https-trust-store-file=${join(folder, 'ca.pem')}`,
      '--https-trust-store-type=PEM',
      // Tokens that were requested at the other port name this issuer, too.
      `--hostname=${this.url}`,
      '--hostname-backchannel-dynamic=true',
      `--db-url=jdbc:h2:file:${join(folder, 'database')};NON_KEYWORDS=VALUE`,
    ];
  }
}
