import { isScopeToken } from '../../../authorization-servers/scopes.js';
import { M2MConfigurationError, type ConfigurationProblem } from '../../../errors/configuration.error.js';
import type { AllowedClient } from '../condition.js';

/** Frozen copies of the arguments of `@RequireScopes` or `@RequireAnyScope`. @throws M2MConfigurationError */
export function checkScopes(decorator: string, scopes: readonly unknown[]): readonly string[] {
  if (scopes.length === 0) throw new M2MConfigurationError([empty(decorator, 'read:products')]);
  const problems = scopes.filter((scope) => !isScopeToken(scope)).map((scope) => notAScope(decorator, scope));
  if (problems.length > 0) throw new M2MConfigurationError(problems);
  return Object.freeze([...scopes] as string[]);
}

/** Frozen copies of the arguments of `@AllowClients`. @throws M2MConfigurationError */
export function checkClients(clients: readonly unknown[]): readonly AllowedClient[] {
  if (clients.length === 0) throw new M2MConfigurationError([empty('@AllowClients', 'billing')]);
  const problems = clients.flatMap(clientProblem);
  if (problems.length > 0) throw new M2MConfigurationError(problems);
  return Object.freeze((clients as readonly AllowedClient[]).map(copyOf));
}

function copyOf(client: AllowedClient): AllowedClient {
  return typeof client === 'string' ? client : Object.freeze({ issuer: client.issuer, clientId: client.clientId });
}

function empty(option: string, example: string): ConfigurationProblem {
  return { option, problem: 'has no arguments', remedy: `${option}('${example}')` };
}

function notAScope(option: string, scope: unknown): ConfigurationProblem {
  const scopes = textsIn(scope).flatMap((text) => text.split(/[\s,]+/).filter(isScopeToken));
  return {
    option,
    problem: `has ${describeArgument(scope)}, which is not one scope`,
    remedy: `${option}(${quoted(scopes, 'read:products')})`,
  };
}

function clientProblem(client: unknown): ConfigurationProblem[] {
  if (typeof client === 'string') return client === '' ? [badClient('an empty client id', "'billing'")] : [];
  if (typeof client !== 'object' || client === null || Array.isArray(client)) {
    const ids = quoted(textsIn(client).filter(Boolean), 'billing');
    return [badClient(`${describeArgument(client)}, which is not one client`, ids)];
  }
  const { issuer, clientId } = client as { readonly issuer?: unknown; readonly clientId?: unknown };
  const example = `{ issuer: '${typeof issuer === 'string' ? issuer : 'https://partner.example.com'}', clientId: 'billing' }`;
  if (clientId === '') return [badClient('an empty client id', example)];
  if (typeof clientId !== 'string') return [badClient('an object without clientId', example)];
  return typeof issuer === 'string' ? [] : [badClient('an object without issuer', `'${clientId}'`)];
}

function badClient(found: string, example: string): ConfigurationProblem {
  return { option: '@AllowClients', problem: `has ${found}`, remedy: `@AllowClients(${example})` };
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
