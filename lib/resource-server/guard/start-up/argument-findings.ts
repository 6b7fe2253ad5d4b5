import type { ConfigurationProblem } from '../../../errors/configuration.error.js';
import type { AllowedClient, Condition } from '../condition.js';

/** A problem, beside the place where it was found. */
export type Finding = Omit<ConfigurationProblem, 'where'>;

/** @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.3 RFC 6749, section 3.3} */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** What is wrong with the arguments of a condition's decorator. */
export function argumentFindings(condition: Condition, issuers: readonly string[]): Finding[] {
  if (condition.decorator === 'Public') return [];
  const { decorator } = condition;
  if (decorator === 'AllowClients') {
    if (condition.clients.length === 0) return [empty(decorator, 'billing')];
    return condition.clients.flatMap((client) => clientFinding(client, issuers));
  }
  if (condition.scopes.length === 0) return [empty(decorator, 'read:products')];
  return condition.scopes.filter((scope) => !SCOPE.test(scope)).map((scope) => notAScope(decorator, scope));
}

function empty(decorator: string, example: string): Finding {
  return { seen: `has @${decorator}() without arguments`, write: `@${decorator}('${example}')` };
}

function notAScope(decorator: string, scope: string): Finding {
  const scopes = scope.split(/[\s,]+/).filter((part) => SCOPE.test(part));
  const write = scopes.length > 0 ? scopes.map((each) => `'${each}'`).join(', ') : "'read:products'";
  return { seen: `has @${decorator} with '${scope}', which is not one scope`, write: `@${decorator}(${write})` };
}

function clientFinding(client: AllowedClient, issuers: readonly string[]): Finding[] {
  const { issuer, clientId } = typeof client === 'string' ? { issuer: undefined, clientId: client } : client;
  if (clientId === '')
    return [{ seen: 'has @AllowClients with an empty client id', write: "@AllowClients('billing')" }];
  if (issuer === undefined || issuers.length === 0 || issuers.includes(issuer)) return [];
  const seen = `has @AllowClients with the issuer ${issuer}, whose tokens are not accepted`;
  return [{ seen, write: issuers.map((each) => `{ issuer: '${each}', clientId: '${clientId}' }`).join(' or ') }];
}
