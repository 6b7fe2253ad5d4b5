import { DiscoveryError } from '../../../errors/discovery.error.js';
import type { M2MError } from '../../../errors/m2m.error.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import { TokenRequestError, type TokenRequestRefusal } from '../../../errors/token-request.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import { backoff, outagePause } from '../../../time/backoff.js';
import type { FailureClass } from '../endpoint/failure-class.js';

/** A failed token request, as far as it keeps the next one from being sent. */
export interface Failure {
  readonly kind: FailureClass['kind'];
  /** How many of this kind there were in a row. */
  readonly count: number;
  /** Milliseconds in which no request is sent. */
  readonly pause: number;
  readonly message: string;
  /** What the server said; `undefined` where nothing came that could be understood. */
  readonly refusal: TokenRequestRefusal | undefined;
  /** Whether it was the authorization server's metadata that could not be read. */
  readonly isDiscovery: boolean;
  /** Tells whether the client's secret is still the one that was refused; `undefined` where it was not about that. */
  readonly secret: string | undefined;
}

const FIRST_PAUSE = 5000;
const LONGEST_PAUSE = 5 * 60 * 1000;
const LONGEST_RETRY_AFTER = 60 * 60 * 1000;

/** Milliseconds without a request after so many failures in a row. */
export function pauseAfter(count: number, verdict: FailureClass, retry: ResolvedClient['retry']): number {
  if (verdict.kind === 'unclear') return outagePause(count, retry);
  if (verdict.kind !== 'transient') return backoff(count, FIRST_PAUSE, LONGEST_PAUSE);
  // Who says 0 would be asked more often than who says nothing.
  return Math.max(outagePause(count, retry), Math.min(verdict.retryAfter ?? 0, LONGEST_RETRY_AFTER));
}

/** The error of a call that was not tried because of a failure before. */
export function remembered(failure: Failure, pause: number): M2MError {
  const message = `${failure.message} (The next attempt is made in ${Math.ceil(pause / 1000)} s.)`;
  if (failure.refusal) return new TokenRequestError(message, failure.refusal);
  return failure.isDiscovery ? new DiscoveryError(message) : new TokenEndpointError(message);
}

/** As the text that a store keeps. */
export function encodeFailure(failure: Failure): string {
  return JSON.stringify(failure);
}

/** Reads it back, with a pause that ends in any case; `undefined` for anything else. */
export function decodeFailure(text: string): Failure | undefined {
  try {
    const failure = JSON.parse(text) as Partial<Failure> | null;
    const { count, pause, message, refusal } = failure ?? {};
    const usable = Number.isFinite(count) && Number.isFinite(pause) && typeof message === 'string';
    if (!usable || (refusal !== undefined && typeof refusal.error !== 'string')) return undefined;
    return { ...(failure as Failure), pause: Math.min(Number(pause), LONGEST_RETRY_AFTER) };
  } catch {
    return undefined;
  }
}

/** A failure, from the error that it was thrown as. */
export function failureOf(
  error: Error,
  { kind, count, pause, secret }: Pick<Failure, 'kind' | 'count' | 'pause' | 'secret'>,
): Failure {
  const refusal = error instanceof TokenRequestError ? refusalOf(error) : undefined;
  return { kind, count, pause, message: error.message, refusal, isDiscovery: error instanceof DiscoveryError, secret };
}

function refusalOf({ error, errorDescription, upstreamStatus, retryAfter, details }: TokenRequestError) {
  return { error, errorDescription, upstreamStatus, retryAfter, details };
}
