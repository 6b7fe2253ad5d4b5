import { NO_EXTRA, type AccessToken } from '../token/access-token.js';

/** Members of an answer that are read, and those that hold other tokens, in any spelling. They are kept nowhere else. */
const LEFT_OUT = /^(?:__proto__|token_type|expires_in|scope|cnf)$|^(?:access|refresh|id)[-_]?token$/i;

/** Characters of all further members as JSON. More are not kept, because every token has them beside it. */
const MOST_EXTRA = 8192;

/**
 * The further members of a token response, frozen: none of the other tokens in it, and nothing that repeats this one.
 * None if they are too many, or nested too deeply.
 */
export function extraMembers(members: object, token: string): AccessToken['extra'] {
  try {
    const json = JSON.stringify(members, (name, value: unknown) =>
      LEFT_OUT.test(name) || (typeof value === 'string' && value.includes(token)) ? undefined : value,
    );
    if (json === '{}' || json.length > MOST_EXTRA) return NO_EXTRA;
    return JSON.parse(json, (_name, value: unknown) => Object.freeze(value)) as AccessToken['extra'];
  } catch {
    return NO_EXTRA;
  }
}
