import type { AuthorizationServer } from '../../../authorization-servers/authorization-server.js';
import { DiscoveryError } from '../../../errors/discovery.error.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import { TokenRequestError } from '../../../errors/token-request.error.js';
import { UpstreamError, type UpstreamFailure } from '../../../http/upstream.error.js';
import { NoTokenResponse } from './token-response.js';

/**
 * What a failed token request means for the next one:
 * - `transient`: the same request may succeed at once
 * - `unclear`: something other than a token endpoint answered, a page of maintenance or a login; the request may succeed soon
 * - `no-credential`: this client's own function has no credential now; it may have one at once
 * - `credentials`: none of this client's requests will succeed
 * - `throttled`: none of this client's requests will succeed for some time
 * - `refused`: this request will not succeed
 * - `expired`: the token that came had expired; the next request may bring another one
 * - `local`: the server has nothing to do with it
 */
export type FailureClass = 'transient' | 'unclear' | 'no-credential' | Refusal | 'expired' | 'local';

/** What an endpoint that works answers if it issues no token. */
export type Refusal = 'credentials' | 'throttled' | 'refused';

const TRANSIENT_ERRORS = new Set(['temporarily_unavailable', 'server_error']);
const TRANSIENT_FAILURES = new Set<UpstreamFailure>(['network', 'timeout', 'unavailable']);

/** Classifies by the OAuth error first and by the status second, because servers disagree on statuses. */
export function classify(error: unknown, server: AuthorizationServer): FailureClass {
  if (error instanceof TokenRequestError) return classifyRefusal(error, server);
  if (!(error instanceof DiscoveryError || error instanceof TokenEndpointError)) return 'local';
  const { cause } = error;
  const failure = cause instanceof UpstreamError ? cause.failure : undefined;
  if (failure && TRANSIENT_FAILURES.has(failure)) return 'transient';
  const isUnclear = error instanceof TokenEndpointError && (failure === 'redirect' || cause instanceof NoTokenResponse);
  return isUnclear ? 'unclear' : 'refused';
}

function classifyRefusal(refusal: TokenRequestError, server: AuthorizationServer): FailureClass {
  const { upstreamStatus: status, errorDescription } = refusal;
  const error = refusal.error === `http_${status}` ? undefined : refusal.error;
  const isUnexplained = error === undefined && status === 401;
  if (isUnexplained || error === 'invalid_client' || server.wrongCredentials?.({ status, error, errorDescription })) {
    return 'credentials';
  }
  if (status === 429) return 'throttled';
  const isTransient = (error !== undefined && TRANSIENT_ERRORS.has(error)) || status === 408;
  return isTransient || status >= 500 ? 'transient' : 'refused';
}
