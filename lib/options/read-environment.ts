import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { authorizationServerFromIssuer, guessAuthorizationServer } from '../authorization-servers/from-issuer.js';
import type { ConfigurationProblem } from '../errors/configuration.error.js';
import type { M2MClientOptions, M2MTarget } from './client-options.js';
import { clientSecretFromEnvironment } from './client-secret-from-environment.js';
import { readerOf, targetOf, variablesIn, type Environment, type ReadVariable } from './environment-variables.js';
import type { M2MModuleOptions } from './module-options.js';
import { inTermsOf, Problems } from '../validation/problems.js';
import { resolveOptions } from './resolve-options.js';
import type { M2MResourceServerOptions } from './resource-server-options.js';

/** What an environment says, and what had to be guessed. */
export interface EnvironmentOptions {
  readonly options: M2MModuleOptions;
  /** A line for the log if the authorization server was guessed from the issuer. */
  readonly guess: string | undefined;
}

const SHARED_VARIABLES: ReadonlySet<string> = new Set(['M2M_ISSUER', 'M2M_PROVIDER']);

/**
 * The options that the `M2M_*` variables of an environment describe. An empty variable counts as absent.
 *
 * @throws M2MConfigurationError that lists every variable that is missing, malformed or unknown
 */
export function readEnvironment(environment: Environment): EnvironmentOptions {
  const problems = new Problems();
  const read = readerOf(environment);
  const own = variablesIn(problems, environment);
  const { server, guess } = readServer(problems, read);
  const outbound = own.some((name) => !name.startsWith('M2M_API_') && !SHARED_VARIABLES.has(name));
  const inbound = read('M2M_API_AUDIENCE') !== undefined || read('M2M_API_CLIENTS') !== undefined;
  if (!outbound && !inbound) {
    problems.add(
      'M2M_CLIENT_ID',
      'and M2M_API_AUDIENCE are both missing',
      'M2M_CLIENT_ID=my-service to make calls\nM2M_API_AUDIENCE=https://my-api to receive them',
    );
  }
  const options: M2MModuleOptions = {
    authorizationServer: server,
    ...(outbound && { client: readClient(problems, read, own) }),
    ...(inbound && { resourceServer: readResourceServer(problems, read) }),
  };
  problems.throwIfAny();
  inTermsOf(ofVariable, () => resolveOptions(options));
  return { options, guess };
}

interface FoundServer {
  readonly server?: AuthorizationServer | undefined;
  readonly guess?: string | undefined;
}

function readServer(problems: Problems, read: ReadVariable): FoundServer {
  const issuer = read('M2M_ISSUER');
  const provider = read('M2M_PROVIDER');
  if (issuer === undefined || !URL.canParse(issuer)) {
    problems.add('M2M_ISSUER', issuer === undefined ? 'is missing' : 'is no URL', 'M2M_ISSUER=https://id.example.com');
    return {};
  }
  if (provider !== undefined) {
    return { server: problems.collect('', () => authorizationServerFromIssuer(provider, issuer)) };
  }
  const guessed = problems.collect('', () => guessAuthorizationServer(issuer));
  return {
    server: guessed?.server,
    guess: guessed && `M2M_PROVIDER is not set; taken for ${guessed.provider} by the issuer ${issuer}`,
  };
}

function readClient(problems: Problems, read: ReadVariable, own: readonly string[]): M2MClientOptions {
  const clientId = read('M2M_CLIENT_ID');
  if (clientId === undefined) problems.add('M2M_CLIENT_ID', 'is missing', 'M2M_CLIENT_ID=my-service');
  return {
    clientId: clientId ?? '',
    clientSecret: readSecret(problems, read),
    audience: read('M2M_AUDIENCE'),
    resource: read('M2M_RESOURCE')?.split(/\s+/),
    scope: read('M2M_SCOPE')?.split(/\s+/),
    organization: read('M2M_ORGANIZATION'),
    targets: readTargets(problems, read, own),
  };
}

/** Always a function, so that nothing that prints the configuration prints the secret. */
function readSecret(problems: Problems, read: ReadVariable): () => string {
  const secret = clientSecretFromEnvironment(problems, read);
  if (secret) return secret;
  const remedy = 'M2M_CLIENT_SECRET=..., or M2M_CLIENT_SECRET_FILE=/run/secrets/m2m';
  problems.add('M2M_CLIENT_SECRET', 'is missing', remedy);
  return () => '';
}

function readTargets(problems: Problems, read: ReadVariable, own: readonly string[]): Record<string, M2MTarget> {
  const prefixes = own.map(targetOf);
  const targets: Record<string, M2MTarget> = {};
  for (const prefix of new Set(prefixes.filter((name) => name !== undefined))) {
    const variable = `M2M_TARGET_${prefix}`;
    const url = read(`${variable}_URL`);
    if (url === undefined)
      problems.add(`${variable}_URL`, 'is missing', `${variable}_URL=https://shop.example.com/api`);
    targets[prefix.toLowerCase().replaceAll('_', '-')] = {
      url: url ?? '',
      audience: read(`${variable}_AUDIENCE`),
      resource: read(`${variable}_RESOURCE`)?.split(/\s+/),
      scope: read(`${variable}_SCOPE`)?.split(/\s+/),
    };
  }
  return targets;
}

function readResourceServer(problems: Problems, read: ReadVariable): M2MResourceServerOptions {
  const audience = read('M2M_API_AUDIENCE');
  if (audience === undefined) {
    problems.add('M2M_API_AUDIENCE', 'is missing', 'M2M_API_AUDIENCE=https://my-api, or none to leave it unchecked');
  }
  const allowedClients = read('M2M_API_CLIENTS')
    ?.split(/[\s,]+/)
    .filter(Boolean);
  if (audience !== 'none') return { audience: audience?.split(/\s+/) ?? '', allowedClients };
  // If the clients are missing, the check of the options says so.
  return { audience: null, allowedClients: allowedClients as string[] };
}

/** Says of a variable what the options' own checks say of an option. */
function ofVariable(problem: ConfigurationProblem): ConfigurationProblem {
  const option = problem.option
    .replace(/^client\.targets\.([^.]+)\./, (_, name: string) => `TARGET_${name}_`)
    .replace(/^.*authorizationServer\..*$/, 'ISSUER')
    .replace(/^resourceServer\.allowedClients$/, 'API_CLIENTS')
    .replace(/^resourceServer\./, 'API_')
    .replace(/^client\./, '')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();
  const variable = `M2M_${option}`;
  const remedy = problem.remedy.replace(/^\w+: \[?'([^']*)'.*$/, (_, value: string) => `${variable}=${value}`);
  return { ...problem, option: variable, remedy };
}
