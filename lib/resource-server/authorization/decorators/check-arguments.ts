import { isScopeToken } from '../../../authorization-servers/scopes.js';
import type { M2MCallerField } from '../../../caller/m2m-caller.js';
import { M2MConfigurationError } from '../../../errors/configuration.error.js';
import { isObject, isText } from '../../../validation/checks.js';
import { Problems } from '../../../validation/problems.js';
import { similarName } from '../../../validation/similar-name.js';
import type { AllowedClient } from '../condition.js';

const CALLER_FIELDS = Object.keys({
  clientId: true,
  issuer: true,
  subject: true,
  audience: true,
  scopes: true,
  organization: true,
  tenant: true,
  kind: true,
  expiresAt: true,
  claims: true,
} satisfies Record<M2MCallerField, true>);

/** Frozen copies of the arguments of `@RequireScopes` or `@RequireAnyScope`. @throws M2MConfigurationError */
export function checkScopes(decorator: string, scopes: readonly unknown[]): readonly string[] {
  const problems = new Problems();
  if (scopes.length === 0) problems.add(decorator, 'has no arguments', `${decorator}('read:products')`);
  for (const scope of scopes.filter((each) => !isScopeToken(each))) {
    const meant = textsIn(scope).flatMap((text) => text.split(/[\s,]+/).filter(isScopeToken));
    const remedy = `${decorator}(${quoted(meant, 'read:products')})`;
    problems.add(decorator, `has ${describeArgument(scope)}, which is not one scope`, remedy);
  }
  problems.throwIfAny();
  return Object.freeze([...scopes] as string[]);
}

/** Frozen copies of the arguments of `@AllowClients`. @throws M2MConfigurationError */
export function checkClients(clients: readonly unknown[]): readonly AllowedClient[] {
  const problems = new Problems();
  if (clients.length === 0) problems.add('@AllowClients', 'has no arguments', "@AllowClients('billing')");
  for (const client of clients) {
    const [found, example] = problemWith(client) ?? [];
    if (found !== undefined) problems.add('@AllowClients', `has ${found}`, `@AllowClients(${example})`);
  }
  problems.throwIfAny();
  return Object.freeze((clients as readonly AllowedClient[]).map(copyOf));
}

/** The one argument of `@RequireAudience`. @throws M2MConfigurationError */
export function checkAudience(audience: readonly unknown[]): string {
  const [only] = audience;
  if (audience.length === 1 && isText(only)) return only;
  const option = '@RequireAudience';
  const write = (text: string): string => `${option}('${text}')`;
  const texts = audience.flatMap(textsIn).filter(isText);
  const remedy = (texts.length > 0 ? texts : ['https://admin-api']).map(write).join('\n');
  const found = audience.map(describeArgument).join(', ');
  const problem = audience.length === 0 ? 'has no argument' : `has ${found}, which is not one audience`;
  throw new M2MConfigurationError({ option, problem, remedy });
}

/** @throws M2MConfigurationError for an argument of `@Caller` that is neither a field nor a pipe */
export function checkCallerField(field: unknown): void {
  if (field === undefined || field === null || typeof field === 'function' || isObject(field)) return;
  if (typeof field === 'string' && CALLER_FIELDS.includes(field)) return;
  const similar = typeof field === 'string' && field !== '' ? similarName(field, CALLER_FIELDS) : undefined;
  const remedy = similar ? `@Caller('${similar}')` : `@Caller() for all, or one of ${CALLER_FIELDS.join(', ')}`;
  const problem = `has ${describeArgument(field)}, which is no field of a caller`;
  throw new M2MConfigurationError({ option: '@Caller', problem, remedy });
}

function copyOf(client: AllowedClient): AllowedClient {
  return typeof client === 'string' ? client : Object.freeze({ issuer: client.issuer, clientId: client.clientId });
}

/** What was found in the place of a client, and an example of one. */
function problemWith(client: unknown): readonly [found: string, example: string] | undefined {
  if (typeof client === 'string') return client === '' ? ['an empty client id', "'billing'"] : undefined;
  if (!isObject(client)) {
    const ids = quoted(textsIn(client).filter(Boolean), 'billing');
    return [`${describeArgument(client)}, which is not one client`, ids];
  }
  const { issuer, clientId } = client;
  const example = `{ issuer: '${typeof issuer === 'string' ? issuer : 'https://partner.example.com'}', clientId: 'billing' }`;
  if (clientId === '') return ['an empty client id', example];
  if (typeof clientId !== 'string') return ['an object without clientId', example];
  return typeof issuer === 'string' ? undefined : ['an object without issuer', `'${clientId}'`];
}

function textsIn(argument: unknown): string[] {
  return [argument].flat().filter((each) => typeof each === 'string');
}

function quoted(texts: readonly string[], example: string): string {
  return (texts.length > 0 ? texts : [example]).map((each) => `'${each}'`).join(', ');
}

function describeArgument(argument: unknown): string {
  if (typeof argument === 'string') return `'${argument}'`;
  if (argument === undefined || argument === null) return String(argument);
  if (Array.isArray(argument)) return 'an array';
  return typeof argument === 'object' ? 'an object' : `a ${typeof argument}`;
}
