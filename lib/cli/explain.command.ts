import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { PROVIDER_NAMES } from '../authorization-servers/from-issuer.js';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import type { JsonWebKeySet } from '../json-web-keys/json-web-key-set.js';
import { isObject } from '../validation/checks.js';
import { scopes, text } from './arguments.js';
import { shellWord } from './checks/shell-word.js';
import { reportData, reportText } from './checks/report.js';
import { claimLines } from './explain/claim-lines.js';
import { explainToken, type Explanation } from './explain/explain-token.js';
import { readToken } from './explain/read-token.js';
import { inTermsOfArguments } from './in-terms-of-arguments.js';
import { inboundOptions, type InboundOptions } from './inbound-options.js';
import { ProblemsFound, readAll, type Terminal } from './terminal.js';

interface ExplainOptions {
  readonly issuer: string;
  readonly provider?: string;
  readonly audience: string;
  readonly client?: string;
  readonly callers?: string;
  readonly scope?: readonly string[];
  readonly jwks?: string;
  readonly tokenFile?: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** `nestjs-m2m explain`: what M2MGuard would do with a token, and why. */
export function explainCommand(terminal: Terminal): Command {
  return new Command('explain')
    .description('Says whether an API would accept a token, claim by claim, and what to write if not.')
    .addOption(new Option('-i, --issuer <url>', 'whose tokens it accepts').env('M2M_ISSUER').makeOptionMandatory())
    .addOption(
      new Option('--provider <name>', 'product (default: guessed from the issuer)')
        .choices(PROVIDER_NAMES)
        .env('M2M_PROVIDER'),
    )
    .addOption(
      new Option('-a, --audience <audiences>', 'its names in tokens, separated by spaces; none: unchecked')
        .argParser(text('--audience https://shop-api'))
        .env('M2M_API_AUDIENCE')
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--client <ids>', 'the clients that it lets in, separated by commas (default: all)')
        .argParser(text('--client orders,billing'))
        .env('M2M_API_CLIENTS'),
    )
    .addOption(
      new Option('--callers <kind>', 'machine or any (default: machine)')
        .choices(['machine', 'any'])
        .env('M2M_API_CALLERS'),
    )
    .option(
      '-s, --scope <scopes>',
      'scopes that the handler needs, separated by spaces',
      scopes("--scope 'read write'"),
    )
    .option('--jwks <file>', 'take the keys from this file, and use no network', text('--jwks jwks.json'))
    .option(
      '--token-file <file>',
      'read the token from this file (default: standard input)',
      text('--token-file token'),
    )
    .addOption(new Option('--token <value>').hideHelp())
    .option('--json', 'write JSON')
    .addHelpText('after', HELP)
    .action((options: ExplainOptions, command: Command) => explain(options, command, terminal));
}

const HELP = `
The token comes from standard input or from a file; it is never an argument, because other users of the machine can read
those. Keys are asked for at the issuer of the options only. What is printed of the token has no signature.
M2M_METADATA_URL, M2M_JWKS_URI and M2M_INSECURE_ORIGINS count as well.

Examples:
  nestjs-m2m token | nestjs-m2m explain --audience https://shop-api --scope read:products
  nestjs-m2m explain --issuer https://id.example.com --audience https://shop-api --jwks jwks.json < token`;

async function explain(options: ExplainOptions, command: Command, terminal: Terminal): Promise<void> {
  if (options.token !== undefined) throw tokenAsArgument();
  const { options: module, provider } = await inTermsOfArguments(command, () => optionsOf(options, terminal));
  const token = readToken(options.tokenFile === undefined ? await typedToken(terminal) : tokenIn(options.tokenFile));
  const explanation = await explainToken(token, { options: module, provider, scopes: options.scope ?? [] });
  terminal.write(`${options.json ? JSON.stringify(asData(explanation)) : asText(explanation)}\n`);
  if (explanation.refusal) throw new ProblemsFound();
}

function optionsOf(given: ExplainOptions, { environment }: Terminal): InboundOptions {
  const { issuer, provider, audience, client, callers, jwks } = given;
  const named = { M2M_API_CLIENTS: client, M2M_API_CALLERS: callers, M2M_PROVIDER: provider };
  const arguments_ = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  const variables = { ...environment, M2M_ISSUER: issuer, M2M_API_AUDIENCE: audience, ...arguments_ };
  return inboundOptions(variables, jwks === undefined ? undefined : keySetIn(jwks));
}

function asText({ refusal, checks, token }: Explanation): string {
  const answer = refusal && `${refusal.status}${refusal.error === undefined ? '' : ` ${refusal.error}`}`;
  const decision = answer === undefined ? 'M2MGuard accepts this token.' : `M2MGuard refuses this token: ${answer}`;
  return [decision, '', reportText(checks), ...claimLines(token)].join('\n');
}

function asData({ refusal, checks, token }: Explanation): Readonly<Record<string, unknown>> {
  const answer = refusal ? { status: refusal.status, error: refusal.error, reason: refusal.cause.message } : {};
  return { accepted: refusal === undefined, ...answer, checks: reportData(checks), token };
}

/** From standard input, which waits for a person if it is a terminal. */
function typedToken(terminal: Terminal): Promise<string> {
  if (terminal.ask) terminal.writeError(PASTE);
  return readAll(terminal);
}

const PASTE = `Paste the token, then press Enter and Ctrl+D. A terminal cuts lines after 4095 characters: --token-file does not.
`;

/** @throws M2MConfigurationError */
function keySetIn(file: string): JsonWebKeySet {
  if (/^https?:/i.test(file)) {
    const remedy = `no --jwks, and M2M_JWKS_URI=${shellWord(file)}\nor curl -o jwks.json ${shellWord(file)} # and --jwks jwks.json`;
    throw new M2MConfigurationError({ option: '--jwks', problem: 'is a URL, and takes a file', remedy });
  }
  const remedy = '--jwks jwks.json # what the issuer publishes at its jwks_uri: {"keys":[...]}';
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isObject(parsed) && Array.isArray(parsed['keys'])) return parsed as unknown as JsonWebKeySet;
  } catch (error) {
    const { code = 'no JSON' } = error as NodeJS.ErrnoException;
    throw new M2MConfigurationError({ option: '--jwks', problem: `cannot be read: ${code}: ${file}`, remedy });
  }
  throw new M2MConfigurationError({ option: '--jwks', problem: `names a file without a key set: ${file}`, remedy });
}

/** @throws M2MConfigurationError */
function tokenIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const problem = `cannot be read: ${(error as NodeJS.ErrnoException).code}: ${file}`;
    throw new M2MConfigurationError({
      option: '--token-file',
      problem,
      remedy: '--token-file a file that holds a token',
    });
  }
}

function tokenAsArgument(): M2MConfigurationError {
  const problem = 'is an argument, which other users of this machine can read';
  const remedy = 'nestjs-m2m explain ... < token\nor nestjs-m2m explain --token-file token ...';
  return new M2MConfigurationError({ option: 'the token', problem, remedy });
}
