import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { authorizationServerFromIssuer, guessAuthorizationServer } from '../authorization-servers/from-issuer.js';
import type { ConfigurationProblem } from '../errors/configuration.error.js';
import type { M2MClientOptions, M2MTarget, M2MTokenOptions } from './client-options.js';
import { clientSecretFromEnvironment } from './client-secret-from-environment.js';
import { insecureOriginsFromEnvironment, namesIn, withEndpoints } from './endpoints-from-environment.js';
import { readerOf, targetOf, variablesIn, type Environment, type ReadVariable } from './environment-variables.js';
import type { M2MModuleOptions } from './module-options.js';
import { inTermsOf, Problems } from '../validation/problems.js';
import { similarName } from '../validation/similar-name.js';
import { resolveOptions } from './resolve-options.js';
import type { M2MResourceServerOptions } from './resource-server-options.js';

/**
 * The options that the `M2M_*` variables of an environment describe. An empty variable counts as absent.
 *
 * `guess` is a line for the log if the authorization server was guessed from the issuer.
 *
 * @throws M2MConfigurationError that lists every variable that is missing, malformed or unknown
 */
export function readEnvironment(environment: Environment): { options: M2MModuleOptions; guess: string | undefined } {
  const problems = new Problems();
  const read = readerOf(environment);
  const { outbound, inbound } = variablesIn(problems, environment);
  const { server, guess } = readServer(problems, read);
  if (outbound.length === 0 && inbound.length === 0) {
    const remedy = 'M2M_CLIENT_ID=my-service to make calls\nM2M_API_AUDIENCE=https://my-api to receive them';
    problems.add('M2M_CLIENT_ID', 'and M2M_API_AUDIENCE are both missing', remedy);
  }
  const insecureOrigins = insecureOriginsFromEnvironment(read);
  const options: M2MModuleOptions = {
    authorizationServer: server,
    ...(outbound.length > 0 && { client: readClient(problems, read, outbound) }),
    ...(inbound.length > 0 && { resourceServer: readResourceServer(problems, read) }),
    ...(insecureOrigins && { insecureOrigins }),
  };
  problems.throwIfAny();
  inTermsOf(ofVariable, () => resolveOptions(options));
  return { options, guess };
}

function readServer(problems: Problems, read: ReadVariable): { server?: AuthorizationServer; guess?: string } {
  const issuer = needed(problems, read, 'M2M_ISSUER', 'https://id.example.com');
  if (issuer === '') return {};
  if (!URL.canParse(issuer)) {
    problems.add('M2M_ISSUER', 'is no URL', 'M2M_ISSUER=https://id.example.com');
    return {};
  }
  const provider = read('M2M_PROVIDER');
  const found = problems.collect('', () => {
    if (provider !== undefined) return { server: authorizationServerFromIssuer(provider, issuer) };
    const guessed = guessAuthorizationServer(issuer);
    const guess = `M2M_PROVIDER is not set; taken for ${guessed.provider} by the issuer ${issuer}`;
    return { server: guessed.server, guess };
  });
  return found ? { ...found, server: withEndpoints(found.server, read) } : {};
}

function readClient(problems: Problems, read: ReadVariable, own: readonly string[]): M2MClientOptions {
  const clientId = needed(problems, read, 'M2M_CLIENT_ID', 'my-service');
  const clientSecret = clientSecretFromEnvironment(problems, read);
  if (!clientSecret) {
    const remedy = 'M2M_CLIENT_SECRET=..., or M2M_CLIENT_SECRET_FILE=/run/secrets/m2m';
    problems.add('M2M_CLIENT_SECRET', 'is missing', remedy);
  }
  const organization = read('M2M_ORGANIZATION');
  const targets = readTargets(problems, read, own);
  return { clientId, clientSecret, ...readTokenOptions(read, 'M2M'), organization, targets };
}

function readTargets(problems: Problems, read: ReadVariable, own: readonly string[]): Record<string, M2MTarget> {
  const names = [...new Set(own.map(targetOf).filter((name) => name !== undefined))];
  const complete = names.filter((name) => read(`M2M_TARGET_${name}_URL`) !== undefined);
  const targets = names.map((name): [string, M2MTarget] => {
    const variable = `M2M_TARGET_${name}_URL`;
    const url = read(variable) ?? '';
    if (url === '') {
      const meant = similarName(name, complete);
      const given = own.filter((each) => targetOf(each) === name);
      const others = given.map((each) => `${each.replace(`_${name}_`, `_${meant}_`)}=... instead of ${each}\n`);
      const remedy = `${variable}=https://shop.example.com/api`;
      problems.add(variable, 'is missing', meant === undefined ? remedy : `${others.join('')}or ${remedy}`);
    }
    return [name.toLowerCase().replaceAll('_', '-'), { url, ...readTokenOptions(read, `M2M_TARGET_${name}`) }];
  });
  return Object.fromEntries(targets);
}

function readTokenOptions(read: ReadVariable, prefix: string): M2MTokenOptions {
  return {
    audience: read(`${prefix}_AUDIENCE`),
    resource: read(`${prefix}_RESOURCE`)?.split(/\s+/),
    scope: read(`${prefix}_SCOPE`)?.split(/\s+/),
  };
}

function readResourceServer(problems: Problems, read: ReadVariable): M2MResourceServerOptions {
  const audience = needed(problems, read, 'M2M_API_AUDIENCE', 'https://my-api, or none to leave it unchecked');
  const allowedClients = namesIn(read('M2M_API_CLIENTS'));
  if (audience !== 'none') return { audience: audience.split(/\s+/), allowedClients };
  // If the clients are missing, the check of the options says so.
  return { audience: null, allowedClients: allowedClients as readonly string[] };
}

/** The value of a variable. Adds a problem if it is missing; the value is empty then. */
function needed(problems: Problems, read: ReadVariable, name: string, example: string): string {
  const value = read(name);
  if (value === undefined) problems.add(name, 'is missing', `${name}=${example}`);
  return value ?? '';
}

/** Says of a variable what the options' own checks say of an option. */
export function ofVariable(problem: ConfigurationProblem): ConfigurationProblem {
  if (problem.option.startsWith('M2M_')) return problem;
  const variable = variableOf(problem.option);
  const remedy = problem.remedy
    .replace(
      /^insecureOrigins: \[(.*?)\].*$/m,
      (_, list: string) => `M2M_INSECURE_ORIGINS=${list.replaceAll(/[' ]/g, '')}`,
    )
    .replace(/^insecureOrigins\b/m, 'M2M_INSECURE_ORIGINS')
    .replace(/^\w+: \[?'([^']*)'.*$/m, (_, value: string) => `${variable}=${value}`);
  return { ...problem, option: variable, remedy };
}

function variableOf(path: string): string {
  const option = path
    .replace(/^client\.targets\.([^.]+)\./, (_, name: string) => `TARGET_${name}_`)
    .replace(/^.*authorizationServer\.(metadataUrl|tokenEndpoint|jwksUri)$/, '$1')
    .replace(/^.*authorizationServer\..*$/, 'ISSUER')
    .replace(/^resourceServer\.allowedClients$/, 'API_CLIENTS')
    .replace(/^resourceServer\./, 'API_')
    .replace(/^client\./, '')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();
  return `M2M_${option}`;
}
