import { UpstreamError, type UpstreamFailure } from '../../../http/upstream.error.js';
import { hasCode } from '../../../errors/has-code.js';
import { NoTokenResponse } from './token-response.js';

/**
 * What a failed token request means for the next one:
 * - `transient`: the same request may succeed at once
 * - `unclear`: something other than a token endpoint answered, a page of maintenance or a login; the request may succeed soon
 * - `no-credential`: this client's own function has no credential now; it may have one at once
 * - `no-token`: this client's own function, which gets the tokens, has none now; it may have one at once
 * - `credentials`: none of this client's requests will succeed
 * - `throttled`: none of this client's requests will succeed for some time
 * - `refused`: this request will not succeed
 * - `expired`: the token that came had expired; the next request may bring another one
 * - `local`: the server has nothing to do with it
 */
export type FailureClass = 'transient' | 'unclear' | 'no-credential' | 'no-token' | Refusal | 'expired' | 'local';

/** What an endpoint that works answers if it issues no token. */
export type Refusal = 'credentials' | 'throttled' | 'refused';

const TRANSIENT_FAILURES = new Set<UpstreamFailure>(['network', 'timeout', 'unavailable']);

/** Classifies a failure that is no refusal. */
export function classify(error: unknown): FailureClass {
  if (hasCode(error, 'ERR_M2M_CALLBACK')) return 'refused';
  if (!(hasCode(error, 'ERR_M2M_DISCOVERY') || hasCode(error, 'ERR_M2M_TOKEN_ENDPOINT'))) return 'local';
  const { cause } = error;
  const failure = cause instanceof UpstreamError ? cause.failure : undefined;
  if (failure && TRANSIENT_FAILURES.has(failure)) return 'transient';
  const isUnclear =
    hasCode(error, 'ERR_M2M_TOKEN_ENDPOINT') && (failure === 'redirect' || cause instanceof NoTokenResponse);
  return isUnclear ? 'unclear' : 'refused';
}
