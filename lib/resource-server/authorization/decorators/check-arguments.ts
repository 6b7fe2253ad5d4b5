import { isScopeToken } from '../../../authorization-servers/scopes.js';
import { isObject } from '../../../validation/checks.js';
import { Problems } from '../../../validation/problems.js';
import type { AllowedClient } from '../condition.js';

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
