import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import {
  authorizationServerFromIssuer,
  guessAuthorizationServer,
  issuerExample,
} from '../authorization-servers/from-issuer.js';
import { quoted } from '../events/log-text.js';
import type { M2MClientOptions, M2MTarget, M2MTokenOptions } from './client-options.js';
import { credentialsFromEnvironment } from './credentials-from-environment.js';
import { insecureOriginsFromEnvironment, namesIn, withEndpoints } from './endpoints-from-environment.js';
import {
  readerOf,
  targetOf,
  targetVariable,
  variablesIn,
  type Environment,
  type ReadVariable,
} from './environment-variables.js';
import { ofVariable } from './in-terms-of-variables.js';
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
    const remedy = 'M2M_CLIENT_ID=my-service # to make calls\nor M2M_API_AUDIENCE=https://my-api # to receive them';
    problems.add('M2M_CLIENT_ID', 'and M2M_API_AUDIENCE are both missing', remedy);
  }
  const insecureOrigins = insecureOriginsFromEnvironment(read);
  const options: M2MModuleOptions = {
    authorizationServer: server,
    ...(outbound.length > 0 && { client: readClient(problems, read, outbound, server) }),
    ...(inbound.length > 0 && { resourceServer: readResourceServer(problems, read) }),
    ...(insecureOrigins && { insecureOrigins }),
  };
  problems.throwIfAny();
  inTermsOf(ofVariable, () => resolveOptions(options));
  return { options, guess };
}

function readServer(problems: Problems, read: ReadVariable): { server?: AuthorizationServer; guess?: string } {
  const issuer = needed(problems, read, 'M2M_ISSUER', issuerExample(read('M2M_PROVIDER')));
  if (issuer === '') return {};
  if (!URL.canParse(issuer)) {
    problems.add('M2M_ISSUER', 'is no URL', `M2M_ISSUER=${issuerExample(read('M2M_PROVIDER'))}`);
    return {};
  }
  const provider = read('M2M_PROVIDER');
  const found = problems.collect('', () => {
    if (provider !== undefined) return { server: authorizationServerFromIssuer(provider, issuer) };
    const guessed = guessAuthorizationServer(issuer);
    const guess = `M2M_PROVIDER is not set; taken for ${guessed.provider} by the issuer ${quoted(issuer)}`;
    return { server: guessed.server, guess };
  });
  return found ? { ...found, server: withEndpoints(found.server, read) } : {};
}

function readClient(
  problems: Problems,
  read: ReadVariable,
  own: readonly string[],
  server: AuthorizationServer | undefined,
): M2MClientOptions {
  const clientId = needed(problems, read, 'M2M_CLIENT_ID', 'my-service');
  const credentials = credentialsFromEnvironment(problems, read, server);
  const targets = readTargets(problems, read, own);
  return { clientId, ...credentials, ...readTokenOptions(read, 'M2M'), targets };
}

function readTargets(problems: Problems, read: ReadVariable, own: readonly string[]): Record<string, M2MTarget> {
  const names = [...new Set(own.map(targetOf).filter((name) => name !== undefined))];
  const complete = names.filter((name) => read(targetVariable(name, 'URL')) !== undefined);
  const targets = names.map((name): [string, M2MTarget] => {
    const variable = targetVariable(name, 'URL');
    const url = read(variable) ?? '';
    if (url === '') {
      const meant = similarName(name, complete);
      const given = own.filter((each) => targetOf(each) === name);
      const others = given.map((each) => `${each.replace(`_${name}_`, `_${meant}_`)}=... # instead of ${each}\n`);
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
    organization: read(`${prefix}_ORGANIZATION`),
  };
}

function readResourceServer(problems: Problems, read: ReadVariable): M2MResourceServerOptions {
  const alternative = 'none # unchecked, with M2M_API_CLIENTS';
  const audience = needed(problems, read, 'M2M_API_AUDIENCE', 'https://my-api', alternative);
  const allowedClients = namesIn(read('M2M_API_CLIENTS'));
  // The check of the options says so if it is another word.
  const callers = read('M2M_API_CALLERS') as M2MResourceServerOptions['callers'];
  if (audience !== 'none') return { audience: audience.split(/\s+/), allowedClients, callers };
  // If the clients are missing, the check of the options says so.
  return { audience: null, allowedClients: allowedClients as readonly string[], callers };
}

/** The value of a variable. Adds a problem if it is missing; the value is empty then. */
function needed(problems: Problems, read: ReadVariable, name: string, ...examples: readonly string[]): string {
  const value = read(name);
  const remedy = examples.map((example) => `${name}=${example}`).join('\nor ');
  if (value === undefined) problems.add(name, 'is missing', remedy);
  return value ?? '';
}
