import type { TokenEndpoint } from '../endpoint/token-endpoint.js';
import type { TokenContext } from '../token/token-context.js';
import type { TokenRequestFailure } from '../endpoint/token-request-failure.js';
import { RequestPostponed } from '../token/postponed.js';
import { errorOf, failurePause, recordOf, type FailureKind } from './failure-record.js';
import { FailureRecords, type LastFailure } from './failure-records.js';
import type { Outages } from './outages.js';

export interface FailureCacheDependencies extends Pick<TokenContext, 'client' | 'clock'> {
  readonly endpoint: TokenEndpoint;
  /** The key of failures that concern all requests of the client; `undefined`: each concerns its own request only. */
  readonly clientKey: string | undefined;
  readonly outages: Outages;
  /** Refused requests. */
  readonly requests: FailureRecords;
  /** Refused credentials. They may be the same records. */
  readonly credentials: FailureRecords;
}

/** Keeps token requests from being sent that would fail as the ones before. */
export class FailureCache {
  /** Failures that other processes may not have: of functions of the options, or of an answer that this process refuses. */
  readonly #own: FailureRecords;

  constructor(private readonly dependencies: FailureCacheDependencies) {
    this.#own = new FailureRecords(dependencies.clock);
  }

  /**
   * Checks that a request may be sent now. If credentials were refused, other ones end the pause; they are asked for no
   * longer than the pause lasts, and than a token request may take.
   *
   * @throws RequestPostponed while the pause after the last failure lasts
   */
  async check(key: string): Promise<void> {
    for (const [records, name] of this.#places(key)) {
      const before = records.current(name);
      if (!before || (await this.#hasNewCredential(before))) continue;
      const current = records.current(name);
      if (current) throw new RequestPostponed(errorOf(current.record, current.pause), current.pause);
    }
    this.dependencies.outages.of(key).check();
  }

  /**
   * Remembers a failure that is not the endpoint's: under the request's key if it concerns that request only, else under
   * the client's.
   */
  failed(key: string, failure: TokenRequestFailure): void {
    const kind = failure.failureClass === 'no-credential' ? failure.failureClass : failure.refusal;
    if (!kind) return;
    const { clientKey } = this.dependencies;
    const records = kind === 'refused' && !failure.isOfServer ? this.#own : this.#recordsOf(kind);
    const name = kind === 'refused' ? key : (clientKey ?? key);
    const count = records.count(name, kind) + 1;
    const pause = failurePause(kind, count, failure.retryAfter);
    records.remember(name, recordOf(failure, { kind, count, pause }));
  }

  /** Forgets the refusals before a request that succeeded. */
  succeeded(key: string): void {
    for (const [records, name] of this.#places(key)) records.forget(name);
  }

  /** Ends all pauses, in the store too. */
  async clear(): Promise<void> {
    const { requests, credentials, outages } = this.dependencies;
    outages.end();
    await Promise.all([requests, credentials, this.#own].map((records) => records.clear()));
  }

  #places(key: string): readonly (readonly [FailureRecords, string])[] {
    const { clientKey = key, requests, credentials } = this.dependencies;
    const places = [
      [requests, key],
      [requests, clientKey],
      [this.#own, key],
      [this.#own, clientKey],
    ] as const;
    return credentials === requests ? places : [...places, [credentials, clientKey]];
  }

  #recordsOf(kind: Exclude<FailureKind, 'outage'>): FailureRecords {
    const { requests, credentials } = this.dependencies;
    if (kind === 'no-credential') return this.#own;
    return kind === 'credentials' ? credentials : requests;
  }

  async #hasNewCredential({ record, pause }: LastFailure): Promise<boolean> {
    const { client, endpoint } = this.dependencies;
    if (record.credential === undefined) return false;
    return (await endpoint.credential?.changedSince(record.credential, Math.min(pause, client.timeout))) ?? false;
  }
}
