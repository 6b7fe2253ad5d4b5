import { isScopeToken } from '../authorization-servers/scopes.js';
import { checkObject, isText } from '../validation/checks.js';
import { custom, type FieldsOf } from '../validation/fields.js';
import { field, text } from '../validation/field-types.js';
import type { Problems } from '../validation/problems.js';
import type { M2MTokenOptions } from './client-options.js';
import { unwritableParameters } from './token-parameters.js';

type TextOrTexts = string | readonly string[];

/** What a token is requested for: the options that a client, a target and a request share. */
export const TOKEN_FIELDS = {
  audience: text('https://shop-api'),
  resource: field({
    accepts: (value): value is TextOrTexts => [value].flat().every(isText),
    problem: () => 'holds something else than a string',
    example: (option) => [{ option, value: 'https://shop-api' }],
  }),
  scope: field({
    accepts: (value): value is TextOrTexts => [value].flat().every(isScopeText),
    problem: () => 'holds a character that no scope may have',
    example: (option) => [{ option, value: ['read:products', 'write:products'] }],
  }),
  organization: text('https://shop-api'),
  parameters: custom(readParameters),
} as const satisfies FieldsOf<M2MTokenOptions>;

/** Scopes separated by spaces, or an empty string. */
function isScopeText(value: unknown): boolean {
  return value === '' || (typeof value === 'string' && value.split(' ').every(isScopeToken));
}

/** Names that have an option of their own, or belong to the grant and to client authentication. */
const RESERVED = /^(?:grant_type|scope|audience|resource|client_.*)$/;

function readParameters(problems: Problems, path: string, value: unknown): M2MTokenOptions['parameters'] {
  if (!checkObject(problems, path, value, "parameters: { login_hint: '...' }")) return undefined;
  const before = problems.count;
  for (const name of Object.keys(value).filter((key) => RESERVED.test(key))) {
    const remedy = Object.hasOwn(TOKEN_FIELDS, name) ? `${name}: ..., beside parameters` : 'the options of the client';
    problems.add(`${path}.${name}`, 'may not be set here', remedy);
  }
  for (const name of unwritableParameters(value)) {
    const problem =
      'holds what JSON cannot (a bigint, NaN, a function, a symbol, a gap in a list, an object of a class or one inside itself)';
    problems.add(`${path}.${name}`, problem, `${name}: String(...)`);
  }
  return problems.count > before ? undefined : value;
}
