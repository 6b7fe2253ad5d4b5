import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { BudgetExceededError } from '../../../../lib/errors/budget-exceeded.error.js';
import { CallbackError } from '../../../../lib/errors/callback.error.js';
import { InsufficientScopeError } from '../../../../lib/errors/insufficient-scope.error.js';
import { InvalidTokenError } from '../../../../lib/errors/invalid-token.error.js';
import { KeysUnavailableError } from '../../../../lib/errors/keys-unavailable.error.js';
import { refusalOf } from '../../../../lib/resource-server/transports/refusal.js';

const OPTIONS = { realm: 'api', resourceMetadata: undefined };

const foreign = (code: string, fields: object): Error => Object.assign(new Error('m'), { code, ...fields });

const answer = (code: string, fields: object): unknown[] => {
  const refusal = refusalOf(foreign(code, fields), OPTIONS, 'a');
  return [refusal?.status, refusal?.retryAfter];
};

describe('refusalOf', () => {
  it('asks to come back when the keys may be there again', () => {
    const refusal = refusalOf(new KeysUnavailableError('down', 30), OPTIONS, '');
    expect(refusal).toMatchObject({ status: 503, retryAfter: 30 });
  });

  it('is 503 where a function of the options failed', () => {
    const refusal = refusalOf(new CallbackError('M2MGuard.or.isUser', 'failed with Error'), OPTIONS, '');
    expect(refusal).toMatchObject({ status: 503, retryAfter: undefined, level: 'error', challenge: undefined });
  });

  it('answers the errors of another copy of the package, whatever their fields hold', () => {
    expect(answer('ERR_M2M_INVALID_TOKEN', { reason: 'request' })).toEqual([400, undefined]);
    for (const reason of ['expired', 'from the future', undefined, null, 5, { toString: null }]) {
      expect(answer('ERR_M2M_INVALID_TOKEN', { reason })).toEqual([401, undefined]);
    }
    expect(answer('ERR_M2M_KEYS_UNAVAILABLE', { retryAfter: 30 })).toEqual([503, 30]);
    for (const retryAfter of ['5\r\nSet-Cookie: x', -1, 0, 1.5, Number.NaN, Infinity, undefined, null, {}]) {
      expect(answer('ERR_M2M_KEYS_UNAVAILABLE', { retryAfter })).toEqual([503, 1]);
    }
    expect(answer('ERR_M2M_INSUFFICIENT_SCOPE', {})).toEqual([403, undefined]);
    expect(answer('ERR_M2M_CALLER_NOT_ALLOWED', {})).toEqual([403, undefined]);
    expect(answer('ERR_M2M_CALLBACK', { option: 5 })).toEqual([503, undefined]);
    expect(answer('ERR_M2M_OF_THE_FUTURE', {})).toEqual([undefined, undefined]);
  });

  it('says the same of every bad token', () => {
    const reasons = ['malformed', 'too-large', 'expired', 'signature', 'audience', 'sender-constrained'] as const;
    const answers = reasons.map((reason) => {
      const error = new InvalidTokenError(reason, `${reason} "x"\r\n`);
      const refusal = refusalOf(error, OPTIONS, 'a');
      expect(refusal?.cause).toBe(error);
      return JSON.stringify({ ...refusal, cause: undefined });
    });
    expect(new Set(answers).size).toBe(1);
  });

  it.each([new TypeError('a bug'), new BudgetExceededError('ours'), 'text', undefined])(
    'leaves %p to others',
    (error) => {
      expect(refusalOf(error, OPTIONS, '')).toBeUndefined();
    },
  );

  it.each([
    [new InvalidTokenError('absent', ''), 'api', 'Bearer realm="api"'],
    [
      new InvalidTokenError('expired', ''),
      'api',
      'Bearer realm="api", error="invalid_token", error_description="the access token is not valid here"',
    ],
    [new InvalidTokenError('absent', ''), 'a"b\\c\r\nSet-Cookie: x\0é', 'Bearer realm="abcSet-Cookie: x"'],
  ])('challenges after %p in the realm %j', (error, realm, challenge) => {
    expect(refusalOf(error, { ...OPTIONS, realm }, 'a:b c')?.challenge).toBe(challenge);
  });

  it('names the scopes that the handler needs if the token lacks one', () => {
    const lacking = new InsufficientScopeError('');
    expect(refusalOf(lacking, OPTIONS, 'a:b c')?.challenge).toMatch(
      /^Bearer realm="api", error="insufficient_scope", .*, scope="a:b c"$/,
    );
    expect(refusalOf(lacking, OPTIONS, '')?.challenge).not.toContain('scope=');
  });

  it('keeps to the characters of RFC 6750, whatever it is given', () => {
    const parameter = /(?:realm|error|error_description|scope)="[\x20-\x21\x23-\x5b\x5d-\x7e]+"/;
    const challenge = new RegExp(`^Bearer ${parameter.source}(?:, ${parameter.source})*$`);
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, (realm, scope) => {
        expect(refusalOf(new InsufficientScopeError(''), { ...OPTIONS, realm }, scope)?.challenge).toMatch(challenge);
      }),
    );
  });
});
