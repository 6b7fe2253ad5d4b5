import type { AuthorizationServer, TokenParameters } from '../authorization-servers/authorization-server.js';
import type { ClientAuthentication } from '../client-authentication/client-authentication.js';
import { authenticatorOf } from '../client-authentication/client-authenticators.js';
import { clientSecretBasic } from '../client-authentication/client-secret-basic.js';
import { checkClientAuthentication } from './check-client-authentication.js';
import { checkTokenStore } from './check-token-store.js';
import { checkNames, checkObject, entriesOf, isText, oneOf, section, wholeNumber } from '../validation/checks.js';
import type { M2MClientOptions, M2MNamedClientOptions } from './client-options.js';
import { describeValue, type Problems } from '../validation/problems.js';
import { resolveAuthorizationServer, tryTokenParameters } from './resolve-authorization-server.js';
import { resolveTargets } from './resolve-targets.js';
import { resolveTokenOptions, tokenOptionNames } from './resolve-token-options.js';
import type { ResolvedAuthorizationServer, ResolvedClient, ResolvedClientOptions } from './resolved-options.js';
import { noParameters } from './token-parameters.js';

const namedClientNames = [
  ...tokenOptionNames,
  'authorizationServer',
  'clientId',
  'clientSecret',
  'clientAuthentication',
  'tokenStore',
  'renewal',
  'timeout',
  'retry',
  'warmup',
  'verifyScope',
  'budget',
] as const satisfies (keyof M2MNamedClientOptions)[];

const clientNames = [...namedClientNames, 'targets', 'clients'] as const satisfies (keyof M2MClientOptions)[];

export function resolveClientOptions(
  problems: Problems,
  options: M2MClientOptions | undefined,
  authorizationServer: AuthorizationServer | undefined,
): ResolvedClientOptions | undefined {
  const path = 'client';
  if (options === undefined) return undefined;
  const write = "client: { clientId: 'my-service', clientSecret: () => ... }, or no client at all";
  if (!checkObject(problems, path, options, write)) return undefined;
  checkNames(problems, path, options, clientNames);
  const client = resolveClient(problems, path, undefined, options, authorizationServer);
  const clients = new Map<string, ResolvedClient>();
  for (const [name, named] of entriesOf(problems, `${path}.clients`, options.clients, 'billing: { clientId }')) {
    const at = `${path}.clients.${name}`;
    if (!checkObject(problems, at, named, `${name}: { clientId: 'my-service', clientSecret: () => ... }`)) continue;
    checkNames(problems, at, named, namedClientNames);
    clients.set(name, resolveClient(problems, at, name, named, options.authorizationServer ?? authorizationServer));
  }
  const targets = resolveTargets(problems, `${path}.targets`, options.targets, client, clients);
  return Object.freeze({ ...client, targets, clients });
}

function resolveClient(
  problems: Problems,
  path: string,
  name: string | undefined,
  options: M2MNamedClientOptions,
  fallback: AuthorizationServer | undefined,
): ResolvedClient {
  const { authorizationServer = fallback } = options;
  const server = resolveAuthorizationServer(problems, `${path}.authorizationServer`, authorizationServer);
  if (!isText(options.clientId))
    problems.add(`${path}.clientId`, describeValue(options.clientId), "clientId: 'my-service'");
  const { clientAuthentication = server?.clientAuthentication ?? clientSecretBasic() } = options;
  const usable = checkClientAuthentication(problems, `${path}.clientAuthentication`, clientAuthentication);
  checkTokenStore(problems, `${path}.tokenStore`, options.tokenStore);
  const retry = section(problems, `${path}.retry`, options.retry, ['attempts', 'delay', 'maxDelay']);
  const budget = section(problems, `${path}.budget`, options.budget, ['perHour', 'perDay']);
  const number = <D>(at: string, value: unknown, example: number, fallbackValue: D, least = 0) =>
    wholeNumber(problems, `${path}.${at}`, value, { least, example }, fallbackValue);
  return Object.freeze({
    name,
    // Where the server is missing a problem is noted, and these options are thrown away.
    authorizationServer: server as ResolvedAuthorizationServer,
    clientId: options.clientId,
    clientSecret: usable ? resolveSecret(problems, path, options.clientSecret, clientAuthentication) : undefined,
    clientAuthentication,
    defaults: resolveDefaults(problems, path, options, server),
    tokenStore: options.tokenStore,
    renewal: resolveRenewal(problems, `${path}.renewal`, options.renewal),
    timeout: number('timeout', options.timeout, 10_000, 10_000, 1),
    retry: Object.freeze({
      attempts: number('retry.attempts', retry.attempts, 3, 3, 1),
      delay: number('retry.delay', retry.delay, 200, 200),
      maxDelay: number('retry.maxDelay', retry.maxDelay, 2000, 2000),
    }),
    warmup: oneOf(problems, `${path}.warmup`, options.warmup, ['off', 'background', 'required'], 'off'),
    verifyScope: oneOf(problems, `${path}.verifyScope`, options.verifyScope, ['warn', 'strict', 'off'], 'warn'),
    budget: Object.freeze({
      perHour: number('budget.perHour', budget.perHour, 10, Infinity, 1),
      perDay: number('budget.perDay', budget.perDay, 100, Infinity, 1),
    }),
  });
}

function resolveRenewal(
  problems: Problems,
  path: string,
  options: M2MNamedClientOptions['renewal'],
): ResolvedClient['renewal'] {
  const given = section(problems, path, options, ['leeway', 'ahead', 'jitter']);
  const number = (name: keyof typeof given, example: number): number | undefined =>
    wholeNumber(problems, `${path}.${name}`, given[name], { least: 0, example }, undefined);
  const [leeway, ahead, jitter] = [number('leeway', 10_000), number('ahead', 60_000), number('jitter', 30_000)];
  if (leeway !== undefined && ahead !== undefined && leeway >= ahead) {
    const seen = `is ${ahead}, and no longer than the leeway: no token would be renewed in the background`;
    problems.add(`${path}.ahead`, seen, `ahead: ${leeway + 60_000}, or no ahead at all`);
  }
  return Object.freeze({ leeway, ahead, jitter });
}

function resolveSecret(
  problems: Problems,
  path: string,
  secret: M2MNamedClientOptions['clientSecret'],
  authentication: ClientAuthentication,
): ResolvedClient['clientSecret'] {
  const where = `${path}.clientSecret`;
  const { method, needsSecret: wanted } = authenticatorOf(authentication);
  if (secret === undefined && !wanted) return undefined;
  if (!wanted) {
    problems.add(
      where,
      `is given, but the client authenticates with ${method}`,
      'no clientSecret beside that clientAuthentication',
    );
  }
  if (typeof secret === 'function') return secret;
  if (!isText(secret)) {
    problems.add(where, describeValue(secret), 'clientSecret: () => readTheSecret(), or another clientAuthentication');
    return undefined;
  }
  return () => secret;
}

/** What the client asks for when neither target nor request says anything. What is missing may still come with a request. */
function resolveDefaults(
  problems: Problems,
  path: string,
  options: M2MNamedClientOptions,
  server: ResolvedAuthorizationServer | undefined,
): TokenParameters {
  const defaults = resolveTokenOptions(problems, path, noParameters, options);
  tryTokenParameters(problems, path, server, defaults, ({ kind }) => kind !== 'missing');
  return defaults;
}
