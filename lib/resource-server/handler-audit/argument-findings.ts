import { isScopeToken } from '../../authorization-servers/scopes.js';
import type { ConfigurationProblem } from '../../errors/configuration.error.js';
import type { Condition } from '../authorization/condition.js';

/** A problem, beside the place where it was found. */
export type Finding = Omit<ConfigurationProblem, 'option'>;

/** What is wrong with the arguments of a condition's decorator. */
export function argumentFindings(condition: Condition, issuers: readonly string[]): Finding[] {
  if (condition.decorator === 'Public') return [];
  const { decorator } = condition;
  if (decorator === 'AllowClients') {
    if (condition.clients.length === 0) return [empty(decorator, 'billing')];
    return condition.clients.flatMap((client) => clientFinding(client, issuers));
  }
  if (condition.scopes.length === 0) return [empty(decorator, 'read:products')];
  return condition.scopes.filter((scope) => !isScopeToken(scope)).map((scope) => notAScope(decorator, scope));
}

function empty(decorator: string, example: string): Finding {
  return { problem: `has @${decorator}() without arguments`, remedy: `@${decorator}('${example}')` };
}

function notAScope(decorator: string, scope: unknown): Finding {
  const scopes = textsOf(scope).flatMap((text) => text.split(/[\s,]+/).filter(isScopeToken));
  const remedy = quoted(scopes, 'read:products');
  return {
    problem: `has @${decorator} with ${describeArgument(scope)}, which is not one scope`,
    remedy: `@${decorator}(${remedy})`,
  };
}

function clientFinding(client: unknown, issuers: readonly string[]): Finding[] {
  if (typeof client === 'string') return client === '' ? [emptyClientId("'billing'")] : [];
  if (typeof client !== 'object' || client === null || Array.isArray(client)) {
    const remedy = `@AllowClients(${quoted(textsOf(client).filter(Boolean), 'billing')})`;
    return [{ problem: `has @AllowClients with ${describeArgument(client)}, which is not one client`, remedy }];
  }
  return namedClientFinding(client, issuers);
}

function namedClientFinding(
  { issuer, clientId }: { readonly issuer?: unknown; readonly clientId?: unknown },
  issuers: readonly string[],
): Finding[] {
  const example = `{ issuer: '${typeof issuer === 'string' ? issuer : 'https://partner.example.com'}', clientId: 'billing' }`;
  if (clientId === '') return [emptyClientId(example)];
  if (typeof clientId !== 'string') {
    return [{ problem: 'has @AllowClients with an object without clientId', remedy: `@AllowClients(${example})` }];
  }
  if (typeof issuer !== 'string') {
    return [{ problem: 'has @AllowClients with an object without issuer', remedy: `@AllowClients('${clientId}')` }];
  }
  if (issuers.length === 0 || issuers.includes(issuer)) return [];
  const problem = `has @AllowClients with the issuer ${issuer}, whose tokens are not accepted`;
  return [{ problem, remedy: issuers.map((each) => `{ issuer: '${each}', clientId: '${clientId}' }`).join(' or ') }];
}

function emptyClientId(example: string): Finding {
  return { problem: 'has @AllowClients with an empty client id', remedy: `@AllowClients(${example})` };
}

function textsOf(argument: unknown): string[] {
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
