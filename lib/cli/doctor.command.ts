import { Command, Option } from 'commander';
import { PROVIDER_NAMES } from '../authorization-servers/from-issuer.js';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { printableUrl } from '../http/printable-url.js';
import { CLIENT_AUTHENTICATION_METHODS } from '../options/credentials-from-environment.js';
import { readerOf, type Environment } from '../options/environment-variables.js';
import { scopes, text } from './arguments.js';
import { unknown } from './checks/check.js';
import { hasFindings, reportData, reportText } from './checks/report.js';
import { diagnose, type Diagnosis } from './doctor/diagnose.js';
import { checkLive, type LiveChecks } from './doctor/live-checks.js';
import { MOST_ATTEMPTS } from './doctor/token-attempts.js';
import { withEnvironmentFile } from './environment-file.js';
import { claimLines } from './explain/claim-lines.js';
import type { ExplainedApi } from './explain/explain-token.js';
import { inboundOptions } from './inbound-options.js';
import { shellWord } from './checks/shell-word.js';
import { ProblemsFound, type Terminal } from './terminal.js';

interface DoctorOptions {
  readonly env?: string;
  readonly issuer?: string;
  readonly provider?: string;
  readonly clientId?: string;
  readonly clientAuthentication?: string;
  readonly audience?: string;
  readonly scope?: readonly string[];
  readonly live?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `nestjs-m2m doctor`: what is wrong with an environment, and what to write instead. */
export function doctorCommand(terminal: Terminal): Command {
  return new Command('doctor')
    .description('Says what is wrong with the environment: variables, DNS, TLS, proxy, discovery, issuer, clock.')
    .option('--env <file>', 'take the M2M_* variables from this file', text('--env .env'))
    .option('-i, --issuer <url>', 'in place of M2M_ISSUER', text('--issuer https://id.example.com'))
    .addOption(new Option('--provider <name>', 'in place of M2M_PROVIDER').choices(PROVIDER_NAMES))
    .option('-c, --client-id <id>', 'in place of M2M_CLIENT_ID', text('--client-id my-service'))
    .addOption(
      new Option('--client-authentication <method>', 'in place of M2M_CLIENT_AUTHENTICATION').choices(
        CLIENT_AUTHENTICATION_METHODS,
      ),
    )
    .option('-a, --audience <audiences>', 'in place of M2M_API_AUDIENCE', text('--audience https://shop-api'))
    .option(
      '-s, --scope <scopes>',
      'scopes that the handler of the API needs, separated by spaces',
      scopes("--scope 'read write'"),
    )
    .option('--live', `request a token, too: at most ${MOST_ATTEMPTS} requests`)
    .option('-y, --yes', 'do not ask before that')
    .option('--json', 'write JSON')
    .addHelpText('after', HELP)
    .action((options: DoctorOptions) => doctor(options, terminal));
}

const HELP = `
It sends no credentials without --live. With it, a token is requested as the service would do it, by other client
authentication methods if that one is refused, and held to the API of M2M_API_AUDIENCE. No secret, token or assertion is
printed.

Examples:
  nestjs-m2m doctor --env .env
  nestjs-m2m doctor --live --audience https://shop-api --scope read:products`;

async function doctor(options: DoctorOptions, terminal: Terminal): Promise<void> {
  const environment = environmentOf(options, terminal);
  const { live = false, yes = false } = options;
  if (live && !yes && !terminal.ask) throw nobodyToAsk();
  const diagnosis = await diagnose(environment);
  const { checks, token } = live ? await requestLive(options, environment, diagnosis, terminal) : NOT_LIVE;
  const all = [...diagnosis.checks, ...checks];
  const isWrong = hasFindings(all);
  const report = options.json
    ? JSON.stringify({ ok: !isWrong, checks: reportData(all), token })
    : [isWrong ? 'Something is wrong.' : 'Nothing wrong was found.', '', reportText(all), ...claimLines(token)].join(
        '\n',
      );
  terminal.write(`${report}\n`);
  if (isWrong) throw new ProblemsFound();
}

const NOT_LIVE: LiveChecks = { checks: [], token: undefined };

/** The variables, with those that arguments replace. */
function environmentOf(options: DoctorOptions, terminal: Terminal): Environment {
  const { env, issuer, provider, clientId, clientAuthentication, audience } = options;
  const given = {
    M2M_ISSUER: issuer,
    M2M_PROVIDER: provider,
    M2M_CLIENT_ID: clientId,
    M2M_CLIENT_AUTHENTICATION: clientAuthentication,
    M2M_API_AUDIENCE: audience,
  };
  const replaced = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const { environment } = terminal;
  return { ...(env === undefined ? environment : withEnvironmentFile(environment, env)), ...replaced };
}

async function requestLive(
  options: DoctorOptions,
  environment: Environment,
  { server, isValid, metadata, tokenEndpoint }: Diagnosis,
  { ask }: Terminal,
): Promise<LiveChecks> {
  const clientId = readerOf(environment)('M2M_CLIENT_ID');
  if (clientId === undefined) return notSent('M2M_CLIENT_ID is missing');
  if (!server || !isValid || tokenEndpoint === undefined) return notSent('the rest comes first');
  const question = `Send at most ${MOST_ATTEMPTS} token requests of the client ${clientId} to ${printableUrl(tokenEndpoint)}?`;
  if (!options.yes && !(await ask?.(question))) return notSent('nobody said yes');
  return checkLive({ environment, server, metadata, tokenEndpoint, api: apiOf(options, environment) });
}

function notSent(why: string): LiveChecks {
  return { checks: [unknown('token request', `not sent: ${why}`)], token: undefined };
}

/** The API that the token is held to. One of the environment is not, if the token is requested for another one. */
function apiOf({ audience, scope = [] }: DoctorOptions, environment: Environment): ExplainedApi | string {
  const read = readerOf(environment);
  const own = read('M2M_API_AUDIENCE');
  if (own === undefined) return 'held to no API: --audience https://shop-api names one';
  const requested = `${read('M2M_AUDIENCE') ?? ''} ${read('M2M_RESOURCE') ?? ''}`.split(/\s+/).filter(Boolean);
  const isForOthers = requested.length > 0 && !own.split(/\s+/).some((each) => requested.includes(each));
  if (audience === undefined && own !== 'none' && isForOthers) {
    return `requested for ${requested.join(', ')}, which is not this API: --audience ${shellWord(own)} holds it to this one`;
  }
  return { ...inboundOptions(environment), scopes: scope };
}

function nobodyToAsk(): M2MConfigurationError {
  const problem = `sends up to ${MOST_ATTEMPTS} token requests, and there is no terminal to ask`;
  return new M2MConfigurationError({ option: '--live', problem, remedy: '--live --yes' });
}
