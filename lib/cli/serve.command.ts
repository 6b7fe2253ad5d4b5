import { Command, InvalidArgumentError, Option } from 'commander';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { refuseProduction } from '../testing/options/refuse-production.js';
import { dialectNames } from '../testing/options/dialect-names.js';
import type { TestClient, TestDialectName } from '../testing/options/test-authorization-server-options.js';
import { TestAuthorizationServer } from '../testing/test-authorization-server.js';
import { describeRequest, describeServer } from './serve-output.js';
import type { Terminal } from './terminal.js';

interface ServeOptions {
  readonly dialect: TestDialectName;
  readonly client?: Readonly<Record<string, string>>;
  readonly resource?: readonly string[];
  readonly scope?: readonly string[];
  readonly signingAlg?: string;
  readonly tokenLifetime?: number;
  readonly port: number;
  readonly allowProduction?: boolean;
  readonly json?: boolean;
}

/** `nestjs-m2m serve`: a test authorization server for local development. */
export function serveCommand(terminal: Terminal): Command {
  return new Command('serve')
    .description('Runs a test authorization server on loopback until it is interrupted. Never for production.')
    .addOption(new Option('-d, --dialect <name>', 'product to behave like').choices(dialectNames).default('standard'))
    .option('-c, --client <id:secret>', 'a client; repeatable', collectClient)
    .option('-r, --resource <identifier>', 'an API that tokens are for; repeatable', collect)
    .option('-s, --scope <name>', 'a scope of every API; repeatable', collect)
    .option('-p, --port <number>', 'port to listen at; 0 is a free one', portNumber, 4710)
    .option('--signing-alg <alg>', "algorithm that tokens are signed with (default: the product's own)")
    .option('--token-lifetime <seconds>', "lifetime of tokens (default: the product's own)", wholeNumber)
    .option('--allow-production', 'start although NODE_ENV is production')
    .option('--json', 'write JSON, one line for the server and one for each request')
    .addHelpText('after', EXAMPLES)
    .action((options: ServeOptions) => serve(options, terminal));
}

const EXAMPLES = `
Examples:
  nestjs-m2m serve --dialect cognito --client m2m:secret --scope read:products
  nestjs-m2m serve --client orders:s3cret --resource https://shop.example --token-lifetime 60`;

async function serve(options: ServeOptions, { write, signal }: Terminal): Promise<void> {
  const {
    dialect,
    client,
    resource,
    scope,
    signingAlg,
    tokenLifetime,
    port,
    allowProduction = false,
    json = false,
  } = options;
  const secrets = Object.entries(client ?? { 'test-client': 'test-secret' });
  const lifetime = tokenLifetime === undefined ? {} : { tokenLifetime: tokenLifetime * 1000 };
  const clients = secrets.map(([id, secret]): [string, TestClient] => [id, { secret, ...lifetime }]);
  refuseProduction('nestjs-m2m serve', allowProduction, 'nestjs-m2m serve --allow-production');
  await using server = await TestAuthorizationServer.start({
    dialect,
    clients: Object.fromEntries(clients),
    resources: resource,
    scopes: scope,
    signingAlg,
    port,
    allowProduction,
    loopbackHostsOnly: true,
    onRequest: (request) => write(`${describeRequest(request, json)}\n`),
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? portIsTaken(port) : error;
  });
  write(`${describeServer(server, json)}\n`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

function collect(value: string, others: readonly string[] = []): readonly string[] {
  return [...others, value];
}

function collectClient(value: string, others: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, id, secret] = /^([^:]+):(.+)$/.exec(value) ?? [];
  if (id === undefined || secret === undefined) throw new InvalidArgumentError('write: --client my-service:its-secret');
  return { ...others, [id]: secret };
}

function portIsTaken(port: number): M2MConfigurationError {
  return new M2MConfigurationError({ option: '--port', problem: `is ${port}, which is taken`, remedy: '--port 0' });
}

function portNumber(value: string): number {
  const number = wholeNumber(value);
  if (number > 65_535) throw new InvalidArgumentError('ports end at 65535.');
  return number;
}

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('it is no whole number.');
  return Number(value);
}
