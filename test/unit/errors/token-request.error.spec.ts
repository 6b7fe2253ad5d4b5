import { describe, expect, it } from '@jest/globals';
import { TokenRequestError } from '../../../lib/errors/token-request.error.js';

const refusal = { error: 'invalid_client', upstreamStatus: 401, retryAfter: 3, details: { trace_id: 't' } };

describe('TokenRequestError', () => {
  it('holds what the server said', () => {
    expect(new TokenRequestError('m', refusal)).toMatchObject({
      message: 'm',
      ...refusal,
      errorDescription: undefined,
    });
  });
});
