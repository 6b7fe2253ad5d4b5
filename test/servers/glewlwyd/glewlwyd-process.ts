import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { TestAuthority } from '../../support/certificates.js';
import { run } from '../support/run.js';
import { ServerProcess } from '../support/server-process.js';

const MODULES = '/usr/lib/glewlwyd';
/** The tables, a user `admin`, and where users and clients are kept: as the package fills them. */
const SCHEMA = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3';

/** An instance of the OpenID Connect plugin, which issues tokens. Its endpoints are below `/api/{name}`. */
export interface Plugin {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Makes a database with scopes and plugins. */
export async function createDatabase(
  file: string,
  scopes: readonly string[],
  plugins: readonly Plugin[],
): Promise<void> {
  const rows = [
    ...scopes.map((name) => `INSERT INTO g_scope (gs_name, gs_password_required) VALUES (${quoted(name)}, 0);`),
    ...plugins.map(
      ({ name, parameters }) =>
        'INSERT INTO g_plugin_module_instance (gpmi_module, gpmi_name, gpmi_parameters) ' +
        `VALUES ('oidc', ${quoted(name)}, ${quoted(JSON.stringify(parameters))});`,
    ),
  ];
  await run('sqlite3', [file, 'PRAGMA synchronous = OFF;', `.read ${SCHEMA}`, ...rows], '/');
}

/** One process of glewlwyd at a port of the loopback interface, with a database of its own. */
export class GlewlwydProcess implements AsyncDisposable {
  private readonly server = new ServerProcess();

  /** @param authority serves HTTPS, and asks for certificates that this one has issued */
  constructor(
    private readonly port: number,
    readonly database: string,
    private readonly authority?: TestAuthority,
  ) {}

  get url(): string {
    return `${this.authority ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** Starts it, or starts it again, and waits until a plugin answers. */
  run(plugin: string): Promise<void> {
    const file = join(this.server.folder, 'glewlwyd.conf');
    if (!existsSync(file)) writeFileSync(file, this.configuration());
    const probe = `${this.url}/api/${plugin}/.well-known/openid-configuration`;
    return this.server.run(this.authority ? () => this.handshakes() : probe, ['glewlwyd', '--config-file', file]);
  }

  /** Ends it at once, as a lost machine would. */
  kill(): Promise<void> {
    return this.server.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]();
  }

  private configuration(): string {
    return `
      port=${this.port}
      bind_address="127.0.0.1"
      external_url="${this.url}/"
      api_prefix="api"
      log_mode="console"
      log_level="WARNING"
      user_module_path="${MODULES}/user"
      client_module_path="${MODULES}/client"
      user_auth_scheme_module_path="${MODULES}/scheme"
      plugin_module_path="${MODULES}/plugin"
      hash_algorithm="SHA512"
      database={ type="sqlite3", path="${this.database}" }
      ${this.authority ? this.tlsConfiguration(this.authority) : ''}
    `;
  }

  private tlsConfiguration(authority: TestAuthority): string {
    const [key, cert, ca] = ['key.pem', 'cert.pem', 'ca.pem'].map((name) => join(this.server.folder, name)) as [
      string,
      string,
      string,
    ];
    const own = authority.issue('127.0.0.1');
    writeFileSync(key, own.key);
    writeFileSync(cert, own.cert);
    writeFileSync(ca, authority.cert);
    return `
      use_secure_connection=true
      secure_connection_key_file="${key}"
      secure_connection_pem_file="${cert}"
      secure_connection_ca_file="${ca}"
    `;
  }

  private async handshakes(): Promise<boolean> {
    const socket = connect({ host: '127.0.0.1', port: this.port, ca: this.authority?.cert });
    try {
      await once(socket, 'secureConnect');
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
