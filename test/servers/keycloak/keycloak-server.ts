import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../support/free-port.js';
import { keycloakDistribution } from './distribution.js';
import { KeycloakRealm } from './keycloak-realm.js';

const ADMIN = { username: 'admin', password: 'admin-password' };

/** A real Keycloak on a free port of the loopback interface. What it knows survives a restart, and goes away with it. */
export class KeycloakServer implements AsyncDisposable {
  #process: ChildProcess | undefined;

  private constructor(
    private readonly distribution: string,
    private readonly port: number,
    /** Its database and its log. */
    private readonly folder: string,
  ) {}

  static async start(): Promise<KeycloakServer> {
    const distribution = await keycloakDistribution();
    const server = new KeycloakServer(
      distribution,
      await freePort(),
      mkdtempSync(join(tmpdir(), 'nestjs-m2m-keycloak-')),
    );
    try {
      await server.run();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, or starts it again on the same port, and waits until it answers. */
  async run(): Promise<void> {
    const log = openSync(this.logFile, 'a');
    const env = {
      ...process.env,
      KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
      KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
    };
    const child = spawn('java', this.arguments, { stdio: ['ignore', log, log], env });
    closeSync(log);
    this.#process = child;
    while (!(await this.answers())) {
      if (!isRunning(child)) throw new Error(`Keycloak did not start:\n${readFileSync(this.logFile, 'utf8')}`);
      await pause(100);
    }
  }

  /** Ends it at once, as a lost machine would. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || !isRunning(child)) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Adds a realm. */
  async addRealm(representation: { readonly realm: string }): Promise<KeycloakRealm> {
    const realm = new KeycloakRealm(this.url, representation.realm, ADMIN);
    await realm.administer('POST', '/admin/realms', representation);
    return realm;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get logFile(): string {
    return join(this.folder, 'log');
  }

  /** Those of `kc.sh`, which would start Java as a process of its own: that would stay if this process were killed. */
  private get arguments(): readonly string[] {
    const opened = ['util', 'util.concurrent', 'security', 'lang'].map((name) => `java.base/java.${name}=ALL-UNNAMED`);
    return [
      '-XX:TieredStopAtLevel=1',
      '-Xmx512m',
      ...opened.map((name) => `--add-opens=${name}`),
      `-Dkc.home.dir=${this.distribution}`,
      `-Djboss.server.config.dir=${join(this.distribution, 'conf')}`,
      '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
      // Else several servers at once would share a folder in the distribution.
      `-Dquarkus.transaction-manager.object-store.directory=${join(this.folder, 'transactions')}`,
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
      `--db-url=jdbc:h2:file:${join(this.folder, 'database')};NON_KEYWORDS=VALUE`,
    ];
  }

  /** Its port is open before it answers. */
  private async answers(): Promise<boolean> {
    try {
      const { ok } = await fetch(`${this.url}/realms/master`, { signal: AbortSignal.timeout(5000) });
      return ok;
    } catch {
      return false;
    }
  }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
