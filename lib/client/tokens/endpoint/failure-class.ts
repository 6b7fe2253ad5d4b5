import type { AuthorizationServer } from '../../../authorization-servers/authorization-server.js';
import { DiscoveryError } from '../../../errors/discovery.error.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import { TokenRequestError } from '../../../errors/token-request.error.js';
import { UpstreamError, type UpstreamFailure } from '../../../http/upstream.error.js';
import { NoTokenResponse } from './token-response.js';

/**
 * What a failed token request means for the next one:
 * - `transient`: the same request may succeed soon; `retryAfter` in milliseconds, where the server said when
 * - `unclear`: it was no token endpoint that answered, but a page of maintenance or a login; a request soon may succeed
 * - `credentials`: none of this client's requests will succeed
 * - `refused`: this request will not succeed
 * - `ours`: it never reached the server
 */
export type FailureClass =
  | { readonly kind: 'transient'; readonly retryAfter: number | undefined }
  | { readonly kind: 'unclear' | 'credentials' | 'refused' | 'ours' };

const TRANSIENT_ERRORS = new Set(['temporarily_unavailable', 'server_error']);
const TRANSIENT_FAILURES = new Set<UpstreamFailure>(['network', 'timeout', 'unavailable']);

/** Judges by the OAuth error first and by the status second: servers disagree on statuses. */
export function classify(error: unknown, server: AuthorizationServer): FailureClass {
  if (error instanceof TokenRequestError) return classifyRefusal(error, server);
  if (!(error instanceof DiscoveryError || error instanceof TokenEndpointError)) return { kind: 'ours' };
  const { cause } = error;
  const failure = cause instanceof UpstreamError ? cause.failure : undefined;
  if (failure && TRANSIENT_FAILURES.has(failure)) return { kind: 'transient', retryAfter: undefined };
  const isUnclear = error instanceof TokenEndpointError && (failure === 'redirect' || cause instanceof NoTokenResponse);
  return { kind: isUnclear ? 'unclear' : 'refused' };
}

function classifyRefusal(refusal: TokenRequestError, server: AuthorizationServer): FailureClass {
  const { upstreamStatus: status, errorDescription } = refusal;
  const error = refusal.error === `http_${status}` ? undefined : refusal.error;
  const isUnexplained = error === undefined && status === 401;
  if (isUnexplained || error === 'invalid_client' || server.wrongCredentials?.({ status, error, errorDescription })) {
    return { kind: 'credentials' };
  }
  if ((error !== undefined && TRANSIENT_ERRORS.has(error)) || status === 408 || status === 429 || status >= 500) {
    const { retryAfter } = refusal;
    return { kind: 'transient', retryAfter: retryAfter === undefined ? undefined : retryAfter * 1000 };
  }
  return { kind: 'refused' };
}
