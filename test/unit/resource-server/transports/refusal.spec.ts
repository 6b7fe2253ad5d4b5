import { describe, expect, it } from '@jest/globals';
import { BudgetExceededError } from '../../../../lib/errors/budget-exceeded.error.js';
import { InvalidTokenError } from '../../../../lib/errors/invalid-token.error.js';
import { KeysUnavailableError } from '../../../../lib/errors/keys-unavailable.error.js';
import { refusalOf } from '../../../../lib/resource-server/transports/refusal.js';

describe('refusalOf', () => {
  it('asks to come back when the keys may be there again', () => {
    const refusal = refusalOf(new KeysUnavailableError('down', 30), 'api', '');
    expect(refusal).toMatchObject({ status: 503, retryAfter: 30 });
  });

  it('says the same of every bad token', () => {
    const reasons = ['malformed', 'too-large', 'expired', 'signature', 'audience', 'sender-constrained'] as const;
    const answers = reasons.map((reason) => {
      const error = new InvalidTokenError(reason, `${reason} "x"\r\n`);
      const refusal = refusalOf(error, 'api', 'a');
      expect(refusal?.cause).toBe(error);
      return JSON.stringify({ ...refusal, cause: undefined });
    });
    expect(new Set(answers).size).toBe(1);
  });

  it.each([new TypeError('a bug'), new BudgetExceededError('ours'), 'text', undefined])(
    'leaves %p to others',
    (error) => {
      expect(refusalOf(error, 'api', '')).toBeUndefined();
    },
  );
});
