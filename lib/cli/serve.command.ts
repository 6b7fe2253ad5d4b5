import { Command, InvalidArgumentError, Option } from 'commander';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { JWS_ALGORITHMS, type JwsAlgorithm } from '../options/jws-algorithm.js';
import { dialects } from '../testing/dialects/dialects.js';
import type { Dialect } from '../testing/engine/dialect.js';
import { DEFAULT_SCOPES } from '../testing/engine/registry.js';
import { refuseProduction } from '../testing/options/refuse-production.js';
import { dialectNamed, dialectNames } from '../testing/options/dialect-names.js';
import type { TestDialectName } from '../testing/options/test-authorization-server-options.js';
import { TestAuthorizationServer } from '../testing/test-authorization-server.js';
import { Problems } from '../validation/problems.js';
import { repeated, scope, text, wholeNumber } from './arguments.js';
import { clientArgument } from './client-argument.js';
import { servedClients, type ClientArguments } from './served-clients.js';
import { describeRequest, describeServer } from './serve-output.js';
import type { Terminal } from './terminal.js';

const SECONDS_OF_A_YEAR = 31_536_000;

interface ServeOptions extends ClientArguments {
  readonly dialect: TestDialectName;
  readonly resource?: readonly string[];
  readonly scope?: readonly string[];
  readonly user?: readonly string[];
  readonly signingAlg?: JwsAlgorithm;
  readonly port: number;
  readonly allowProduction?: boolean;
  readonly json?: boolean;
}

const resources = repeated(text('--resource https://shop.example'));
const organizations = repeated(text('--organization acme'));
const users = repeated(text('--user anna'));

/** `nestjs-m2m serve`: a test authorization server for local development. */
export function serveCommand(terminal: Terminal): Command {
  return new Command('serve')
    .description('Runs a test authorization server on loopback until it is interrupted. Never for production.')
    .addOption(
      new Option('-d, --dialect <name>', 'product to behave like')
        .choices(dialectNames)
        .argParser(readDialect)
        .default('standard'),
    )
    .option(
      '-c, --client <id:secret>',
      'a client; repeatable (default: test-client:test-secret)',
      repeated(clientArgument),
    )
    .option(
      '--public-key <id:file>',
      'a client with this public key, as PEM or JWK; repeatable',
      repeated(clientArgument),
    )
    .option('-r, --resource <identifier>', 'an API that tokens are for; repeatable', resources)
    .option('-s, --scope <name>', 'a scope of every API; repeatable', repeated(scope('--scope read:products')))
    .option(
      '--client-scope <id:scopes>',
      'the scopes that a client may have (default: all); repeatable',
      repeated(clientArgument),
    )
    .option('--organization <id>', 'an organization that clients may act in (default: all); repeatable', organizations)
    .option('--user <id>', 'print a token that this user gave the first client; repeatable', users)
    .option('--opaque', 'issue opaque tokens, which only introspection can read')
    .option('-p, --port <number>', 'port to listen at; 0 is a free one', wholeNumber(0, 65_535, '--port 4710'), 4710)
    .addOption(
      new Option('--signing-alg <alg>', "algorithm that tokens are signed with (default: the product's own)").choices(
        JWS_ALGORITHMS,
      ),
    )
    .option(
      '--token-lifetime <seconds>',
      "lifetime of tokens (default: the product's own)",
      wholeNumber(1, SECONDS_OF_A_YEAR, '--token-lifetime 60'),
    )
    .option('--allow-production', 'start although NODE_ENV is production')
    .option('--json', 'write JSON, one line for the server and one for each request')
    .addHelpText('after', EXAMPLES)
    .action((options: ServeOptions) => serve(options, terminal));
}

const EXAMPLES = `
Examples:
  nestjs-m2m serve --dialect cognito --client m2m:secret --scope read:products
  nestjs-m2m serve --client orders:s3cret --resource https://shop.example --token-lifetime 60
  nestjs-m2m serve --client orders:s3cret --client billing:s3cret --client-scope billing:read:products --user anna
  nestjs-m2m serve --opaque
  nestjs-m2m serve --resource https://orders.example --resource https://products.example --user anna`;

/** Takes the name of a product in `M2M_PROVIDER`, too. */
function readDialect(name: string): TestDialectName {
  const dialect = dialectNamed(name);
  if (dialect) return dialect;
  throw new InvalidArgumentError(`Allowed choices are ${dialectNames.join(', ')}.`);
}

async function serve(options: ServeOptions, { write, interruption }: Terminal): Promise<void> {
  const { dialect, resource, scope: scopes = DEFAULT_SCOPES, user = [], signingAlg, port } = options;
  const { allowProduction = false, json = false, opaque = false } = options;
  checkProduct(options);
  const clients = servedClients(options, scopes);
  refuseProduction('nestjs-m2m serve', allowProduction, 'nestjs-m2m serve --allow-production');
  const interrupted = interruption();
  await using server = await TestAuthorizationServer.start({
    dialect,
    clients,
    resources: resource,
    scopes,
    signingAlg,
    port,
    allowProduction,
    loopbackHostsOnly: true,
    onRequest: (request) => write(`${describeRequest(request, json)}\n`),
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? portIsTaken(port) : error;
  });
  const userTokens = await Promise.all(
    user.map(async (name) => ({ user: name, accessToken: await server.mint({ user: name }) })),
  );
  write(`${describeServer({ server, userTokens, opaque }, json)}\n`);
  if (interrupted.aborted) return;
  await new Promise((resolve) => interrupted.addEventListener('abort', resolve, { once: true }));
}

/** @throws M2MConfigurationError for options that would do nothing with the product */
function checkProduct({ dialect, publicKey, organization, opaque }: ServeOptions): void {
  const problems = new Problems();
  const add = (option: string, isKnownBy: (product: Dialect) => boolean): void => {
    const others = Object.entries(dialects).filter(([, product]) => isKnownBy(product));
    const remedy = others.map(([name]) => `--dialect ${name}`).join(' or ');
    if (!isKnownBy(dialects[dialect])) problems.add(option, `does nothing with --dialect ${dialect}`, remedy);
  };
  if (publicKey) add('--public-key', ({ clientAuthentication: { methods } }) => methods.includes('private_key_jwt'));
  if (organization) add('--organization', ({ hasOrganizations }) => hasOrganizations);
  if (opaque) add('--opaque', ({ paths }) => paths.introspection !== undefined);
  problems.throwIfAny();
}

function portIsTaken(port: number): M2MConfigurationError {
  return new M2MConfigurationError({ option: '--port', problem: `is ${port}, which is taken`, remedy: '--port 0' });
}
