import { Command, Option } from 'commander';
import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import {
  authorizationServerFromIssuer,
  guessAuthorizationServer,
  PROVIDER_NAMES,
} from '../authorization-servers/from-issuer.js';
import type { AccessToken } from '../client/tokens/token/access-token.js';
import type { M2MClientOptions } from '../options/client-options.js';
import { CLIENT_AUTHENTICATION_METHODS } from '../options/credentials-from-environment.js';
import { insecureOriginsFromEnvironment, withEndpoints } from '../options/endpoints-from-environment.js';
import { readerOf } from '../options/environment-variables.js';
import { scopes, text, texts } from './arguments.js';
import { inTermsOfArguments } from './in-terms-of-arguments.js';
import { readCredentials, type CredentialOptions } from './client-credentials.js';
import type { Terminal } from './terminal.js';
import { requestToken } from './token-request/request-token.js';

interface TokenOptions extends CredentialOptions {
  readonly issuer: string;
  readonly provider?: string;
  readonly clientId: string;
  readonly audience?: string;
  readonly resource?: readonly string[];
  readonly scope?: readonly string[];
  readonly organization?: string;
  readonly json?: boolean;
}

/** `nestjs-m2m token`: one access token, on standard output. */
export function tokenCommand(terminal: Terminal): Command {
  return new Command('token')
    .description('Gets an access token and writes it to standard output.')
    .addOption(new Option('-i, --issuer <url>', 'who issues it').env('M2M_ISSUER').makeOptionMandatory())
    .addOption(
      new Option('--provider <name>', 'product (default: guessed from the issuer)')
        .choices(PROVIDER_NAMES)
        .env('M2M_PROVIDER'),
    )
    .addOption(
      new Option('-c, --client-id <id>', 'who asks for it')
        .argParser(text('--client-id my-service'))
        .env('M2M_CLIENT_ID')
        .makeOptionMandatory(),
    )
    .option('--client-secret-stdin', 'read the secret from standard input')
    .addOption(new Option('--client-secret <value>').hideHelp())
    .addOption(
      new Option(
        '--client-authentication <method>',
        `${CLIENT_AUTHENTICATION_METHODS.join(', ')} (default: the product's own)`,
      )
        .argParser(text('--client-authentication client_secret_post'))
        .env('M2M_CLIENT_AUTHENTICATION'),
    )
    .addOption(
      new Option('-a, --audience <audience>', 'API that it is for')
        .argParser(text('--audience https://shop-api'))
        .env('M2M_AUDIENCE'),
    )
    .addOption(
      new Option('-r, --resource <resources>', 'APIs that it is for (RFC 8707), separated by spaces')
        .argParser(texts('--resource https://shop-api'))
        .env('M2M_RESOURCE'),
    )
    .addOption(
      new Option('-s, --scope <scopes>', 'scopes, separated by spaces')
        .argParser(scopes("--scope 'read:products write:products'"))
        .env('M2M_SCOPE'),
    )
    .addOption(
      new Option('--organization <id>', 'tenant that it is for')
        .argParser(text('--organization acme'))
        .env('M2M_ORGANIZATION'),
    )
    .option('--json', 'write JSON, refusals too')
    .addHelpText('after', HELP)
    .action((options: TokenOptions, command: Command) => token(options, command, terminal));
}

const HELP = `
The secret comes from M2M_CLIENT_SECRET, from the file that M2M_CLIENT_SECRET_FILE names, or from standard input; it is
never an argument, because other users of the machine can read those. M2M_PRIVATE_KEY_FILE, M2M_CLIENT_ASSERTION_FILE,
M2M_METADATA_URL, M2M_TOKEN_ENDPOINT and M2M_INSECURE_ORIGINS count as well.

Examples:
  M2M_CLIENT_SECRET=... nestjs-m2m token --issuer https://acme.eu.auth0.com/ --client-id orders --audience https://shop
  curl -H "Authorization: Bearer $(nestjs-m2m token)" https://shop.example.com/products`;

async function token(options: TokenOptions, command: Command, terminal: Terminal): Promise<void> {
  const server = await inTermsOfArguments(command, () => serverOf(options, terminal));
  const client = await inTermsOfArguments(command, () => clientOf(options, server, terminal));
  const insecureOrigins = insecureOriginsOf(client, terminal);
  const accessToken = await inTermsOfArguments(command, () => requestToken({ client, insecureOrigins }));
  terminal.write(`${options.json ? JSON.stringify(toResponse(accessToken)) : accessToken.value}\n`);
}

/** Those of the environment that this command uses: targets have others. */
function insecureOriginsOf({ authorizationServer: server }: M2MClientOptions, { environment }: Terminal): string[] {
  const urls = [server?.issuer, server?.metadataUrl, server?.tokenEndpoint].filter((url) => url !== undefined);
  const used = new Set(urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).origin));
  return (insecureOriginsFromEnvironment(readerOf(environment)) ?? []).filter((origin) => used.has(origin));
}

function serverOf({ issuer, provider }: TokenOptions, { environment }: Terminal): AuthorizationServer {
  const server = provider ? authorizationServerFromIssuer(provider, issuer) : guessAuthorizationServer(issuer).server;
  return withEndpoints(server, readerOf(environment));
}

async function clientOf(
  options: TokenOptions,
  authorizationServer: AuthorizationServer,
  terminal: Terminal,
): Promise<M2MClientOptions> {
  const { clientId, audience, resource, scope, organization } = options;
  const credentials = await readCredentials(options, authorizationServer, terminal);
  return { authorizationServer, clientId, ...credentials, audience, resource, scope, organization };
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.1 RFC 6749, section 5.1} */
function toResponse({ value, type, expiresAt, scope }: AccessToken): Readonly<Record<string, unknown>> {
  const expires_in = Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1000));
  return { access_token: value, token_type: type, expires_in, expires_at: expiresAt, scope: scope?.join(' ') };
}
