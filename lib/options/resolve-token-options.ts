import type { TokenParameters } from '../authorization-servers/authorization-server.js';
import { isScopeToken } from '../authorization-servers/scopes.js';
import { isObject, isText } from '../validation/checks.js';
import type { M2MTokenOptions } from './client-options.js';
import { describeValue, type Problems } from '../validation/problems.js';
import { tokenParameters, unwritableParameters } from './token-parameters.js';

export const tokenOptionNames = [
  'audience',
  'resource',
  'scope',
  'organization',
  'parameters',
] as const satisfies (keyof M2MTokenOptions)[];

/** Names that have an option of their own, or belong to the grant and to client authentication. */
const reserved = /^(?:grant_type|scope|audience|resource|client_.*)$/;

/** What is asked for at a client, a target or a request, checked and laid over what the layer below asks for. */
export function resolveTokenOptions(
  problems: Problems,
  path: string,
  base: TokenParameters,
  options: M2MTokenOptions,
): TokenParameters {
  const before = problems.count;
  const at = (name: string): string => (path ? `${path}.${name}` : name);
  for (const name of ['audience', 'organization'] as const) {
    const value: unknown = options[name];
    if (value !== undefined && !isText(value))
      problems.add(at(name), describeValue(value), `${name}: 'https://shop-api'`);
  }
  const resources: readonly unknown[] = options.resource === undefined ? [] : [options.resource].flat();
  if (!resources.every(isText)) {
    problems.add(at('resource'), 'holds something else than a string', "resource: 'https://shop-api'");
  }
  const scopes: readonly unknown[] = options.scope === undefined ? [] : [options.scope].flat();
  if (!scopes.every((scope) => scope === '' || (typeof scope === 'string' && scope.split(' ').every(isScopeToken)))) {
    problems.add(at('scope'), 'holds a character that no scope may have', "scope: ['read:products', 'write:products']");
  }
  checkParameters(problems, at('parameters'), options.parameters);
  return problems.count > before ? base : tokenParameters(base, options);
}

function checkParameters(problems: Problems, path: string, parameters: unknown): void {
  if (parameters === undefined) return;
  if (!isObject(parameters)) return problems.add(path, describeValue(parameters), "parameters: { login_hint: '...' }");
  for (const name of Object.keys(parameters).filter((key) => reserved.test(key))) {
    const own = ['scope', 'audience', 'resource'].includes(name);
    problems.add(
      `${path}.${name}`,
      'may not be set here',
      own ? `${name}: ..., beside parameters` : 'the options of the client',
    );
  }
  for (const name of unwritableParameters(parameters)) {
    const seen =
      'holds what JSON cannot (a bigint, NaN, a function, a symbol, a gap in a list, an object of a class or one inside itself)';
    problems.add(`${path}.${name}`, seen, `${name}: String(...)`);
  }
}
