import type { FailedRequestsSubject } from '../../events/m2m-client-event.js';
import { hasCode } from '../../../errors/has-code.js';
import type { FailureClass, Refusal } from './failure-class.js';
import { LONGEST_DICTATED_PAUSE } from '../../../http/retry-after.js';

const REFUSALS: readonly Refusal[] = ['credentials', 'throttled', 'refused'];

const OUTAGES = new Set<FailureClass>(['transient', 'unclear', 'no-token']);

/** Other tokens of the client may be had: a cache hands out one by one. */
const CONCERNS_TOKEN = new Set<FailureClass>(['no-token', 'refused', 'local', 'expired']);

/** A token request failed. It never reaches a caller, who gets its `error`. */
export class TokenRequestFailure extends Error {
  /**
   * @param error the error for the caller
   * @param sent whether the request was sent
   * @param credential fingerprint of the credential that the request was sent with, if there was one
   */
  constructor(
    readonly error: Error,
    readonly failureClass: FailureClass,
    readonly sent: boolean,
    readonly credential?: string,
  ) {
    super(error.message);
  }

  /** Whether requests to the same place would fail now: those of any client, or those for the same token if a function fails. */
  get isOutage(): boolean {
    return OUTAGES.has(this.failureClass);
  }

  /** What fails with it: all requests to the endpoint, all of the client, or those for the same token. */
  get concerns(): FailedRequestsSubject {
    if (CONCERNS_TOKEN.has(this.failureClass)) return 'token';
    return this.isOutage ? 'endpoint' : 'client';
  }

  /** `undefined` if no request was refused. */
  get refusal(): Refusal | undefined {
    return REFUSALS.find((refusal) => refusal === this.failureClass);
  }

  /**
   * Whether the server refused. If not, this process has no use for the answer, or found no endpoint: by its own
   * `verifyScope`, `readTokenResponse` or `metadataUrl`. Its errors for answers with a token have the status 200.
   */
  get isOfServer(): boolean {
    return hasCode(this.error, 'ERR_M2M_TOKEN_REQUEST') && this.error.upstreamStatus !== 200;
  }

  /** Seconds until the next request may be sent, as the server asked, at most an hour. */
  get retryAfter(): number | undefined {
    const seconds: unknown = hasCode(this.error, 'ERR_M2M_TOKEN_REQUEST') ? this.error.retryAfter : undefined;
    // An error that a function of the options made may say anything.
    return typeof seconds === 'number' && seconds >= 0 ? Math.min(seconds, LONGEST_DICTATED_PAUSE) : undefined;
  }
}
