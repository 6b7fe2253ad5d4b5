import { backoff, LEAST_DELAY, LEAST_MAX_DELAY } from '../../../time/backoff.js';
import type { Refusal } from '../endpoint/failure-class.js';
import { LONGEST_DICTATED_PAUSE } from '../../../http/retry-after.js';
import type { TokenRequestFailure } from '../endpoint/token-request-failure.js';
import { CallbackError } from '../../../errors/callback.error.js';
import { DiscoveryError } from '../../../errors/discovery.error.js';
import type { M2MError } from '../../../errors/m2m.error.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import { TokenRequestError, type TokenRequestRefusal } from '../../../errors/token-request.error.js';
import { hasCode } from '../../../errors/has-code.js';

/** What keeps requests away: an outage, no credential, or a refusal. */
export type FailureKind = 'outage' | 'no-credential' | Refusal;

/** Milliseconds. */
const FIRST_PAUSE = 5000;
/** Milliseconds. A limit of requests may be one for each second. */
const FIRST_PAUSE_IF_THROTTLED = 1000;
/** Milliseconds. */
const LONGEST_PAUSE = 5 * 60 * 1000;

/**
 * Milliseconds without a request after failures in a row that are not the endpoint's.
 *
 * @param count how many there were
 * @param retryAfter seconds, as the server asked with the last one. One that says 0 is asked as one that says nothing
 */
export function failurePause(kind: Exclude<FailureKind, 'outage'>, count: number, retryAfter = 0): number {
  if (kind === 'no-credential') return backoff(count, LEAST_DELAY, LEAST_MAX_DELAY);
  if (kind !== 'throttled') return backoff(count, FIRST_PAUSE, LONGEST_PAUSE);
  if (retryAfter > 0) return Math.max(FIRST_PAUSE_IF_THROTTLED, retryAfter * 1000);
  return backoff(count, FIRST_PAUSE_IF_THROTTLED, LONGEST_PAUSE);
}

/** A failed token request, as far as it keeps the next one from being sent. */
export interface FailureRecord {
  readonly kind: FailureKind;
  /** How many of this kind there were in a row. */
  readonly count: number;
  /** Milliseconds in which no request is sent. */
  readonly pause: number;
  readonly message: string;
  /** What the server said. `undefined` if it said nothing that could be understood. */
  readonly refusal: TokenRequestRefusal | undefined;
  /** Whether the authorization server's metadata could not be read. */
  readonly isDiscovery: boolean;
  /** The path of the function of the options that failed. @default none did */
  readonly callback?: string | undefined;
  /** Fingerprint of the refused credential. `undefined` if no credential was refused. */
  readonly credential: string | undefined;
}

/** Makes the record of a failure. */
export function recordOf(
  { error, credential }: TokenRequestFailure,
  facts: Pick<FailureRecord, 'kind' | 'count' | 'pause'>,
): FailureRecord {
  return {
    ...facts,
    message: error.message,
    refusal: hasCode(error, 'ERR_M2M_TOKEN_REQUEST') ? refusalOf(error) : undefined,
    isDiscovery: hasCode(error, 'ERR_M2M_DISCOVERY'),
    callback: hasCode(error, 'ERR_M2M_CALLBACK') ? error.option : undefined,
    credential: facts.kind === 'credentials' ? credential : undefined,
  };
}

/**
 * The error of a call whose request was not sent because of an earlier failure.
 *
 * @param pause milliseconds until the next request may be sent
 */
export function errorOf({ message: before, refusal, isDiscovery, callback }: FailureRecord, pause: number): M2MError {
  const retryAfter = Math.ceil(pause / 1000);
  const message = `${before} (The next attempt is made in ${retryAfter} s.)`;
  if (refusal) return new TokenRequestError(message, { ...refusal, retryAfter });
  if (callback !== undefined) return new CallbackError(callback, message.replace(`the function ${callback} `, ''));
  return isDiscovery ? new DiscoveryError(message) : new TokenEndpointError(message);
}

/** Reads a record back from its JSON, with a pause that ends in any case. `undefined` for any other text. */
export function decodeFailure(text: string): FailureRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<FailureRecord> | null;
    const { count, pause, message, refusal } = record ?? {};
    const isUsable = Number.isFinite(count) && Number.isFinite(pause) && typeof message === 'string';
    if (!isUsable || (refusal !== undefined && typeof refusal.error !== 'string')) return undefined;
    return { ...(record as FailureRecord), pause: Math.min(Number(pause), LONGEST_DICTATED_PAUSE * 1000) };
  } catch {
    return undefined;
  }
}

function refusalOf({ error, errorDescription, upstreamStatus, retryAfter, details }: TokenRequestError) {
  return { error, errorDescription, upstreamStatus, retryAfter, details };
}
