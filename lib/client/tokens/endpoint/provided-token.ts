import { CallbackError } from '../../../errors/callback.error.js';
import { AUTHORIZATION_SERVER_FIELDS } from '../../../options/authorization-server-fields.js';
import type { M2MProvidedToken } from '../../../options/access-token-provider.js';
import { isObject, memberOf } from '../../../validation/checks.js';
import { readFields } from '../../../validation/fields.js';
import { Problems } from '../../../validation/problems.js';
import { bearer } from '../../requests/schemes/bearer.js';
import { isTokenText } from '../token/cached-token.js';
import { readToken } from './token-response.js';

/** A token of `accessTokenProvider`, as it is read. */
export type ProvidedToken = ReturnType<typeof readToken>;

/** Characters of the longest token that is taken. */
const LONGEST_TOKEN = 65_536;

const { absentScope, defaultLifetime } = AUTHORIZATION_SERVER_FIELDS;
/** What holds for tokens of any server, unless its options say otherwise. */
const DEFAULTS = readFields(new Problems(), '', {}, { absentScope, defaultLifetime });

/**
 * Reads what `accessTokenProvider` returned. A token may have been issued long before, so a JWT lives until its own end by
 * the clock of this process.
 *
 * @param option the path of the function in the options
 * @param receivedAt milliseconds since the epoch
 * @throws CallbackError if it is no token that can be sent as a Bearer token. It shows nothing of what was returned
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.1 RFC 6749, section 5.1}
 */
export function readProvidedToken(option: string, returned: unknown, receivedAt: number): ProvidedToken {
  const refuse = (problem: string): never => {
    throw new CallbackError(option, `returned ${problem}`);
  };
  if (!isObject(returned)) return refuse(`something else than an object: ${REMEDY}`);
  const token = returned as Partial<M2MProvidedToken>;
  const [value, expiresIn, type] = [
    memberOf(token, 'accessToken'),
    memberOf(token, 'expiresIn') ?? undefined,
    memberOf(token, 'tokenType') ?? undefined,
  ];
  if (value === undefined || value === null) return refuse(`no accessToken: ${REMEDY}`);
  if (!isTokenText(value)) return refuse('an accessToken that is no text, or has characters that no token may have');
  if (value.length > LONGEST_TOKEN) return refuse(`an accessToken of more than ${LONGEST_TOKEN} characters`);
  if (type !== undefined && !isBearer(type)) return refuse(`a tokenType other than ${bearer.tokenType}`);
  if (expiresIn !== undefined && !isSeconds(expiresIn)) {
    return refuse('an expiresIn that is no number of seconds from now, 0 or more');
  }
  const stated = { expiresIn, scope: undefined, cnf: undefined, sentAt: receivedAt, age: 0, receivedAt };
  return readToken(value, stated, DEFAULTS);
}

const REMEDY = 'return { accessToken, expiresIn }';

function isBearer(type: unknown): boolean {
  return typeof type === 'string' && type.toLowerCase() === bearer.tokenType.toLowerCase();
}

/** The metadata server of Azure writes a text. */
function isSeconds(value: unknown): boolean {
  if (typeof value === 'string') return /^\d+(\.\d+)?$/.test(value);
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
