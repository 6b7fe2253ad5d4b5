import type { TokenEndpoint } from '../endpoint/token-endpoint.js';
import type { TokenContext } from '../token/token-context.js';
import type { TokenRequestFailure } from '../endpoint/token-request-failure.js';
import { RequestPostponed } from '../token/postponed.js';
import { failurePause, type FailureKind, errorOf, recordOf } from './failure-record.js';
import type { FailureRecords, LastFailure } from './failure-records.js';

export interface FailureCacheDependencies extends Pick<TokenContext, 'client'> {
  readonly endpoint: TokenEndpoint;
  /** The key of failures that concern all requests of the client. */
  readonly clientKey: string;
  /** Outages and refused requests. */
  readonly requests: FailureRecords;
  /** Refused credentials. They may be the same records. */
  readonly credentials: FailureRecords;
}

/** Keeps token requests from being sent that would fail as the ones before. */
export class FailureCache {
  constructor(private readonly dependencies: FailureCacheDependencies) {}

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
  }

  /** Remembers a failure: under the client's key if it concerns all of its requests, else under the request's. */
  failed(key: string, failure: TokenRequestFailure): void {
    const { failureClass, retryAfter } = failure;
    if (failureClass === 'local') return;
    const { client, clientKey, requests, credentials } = this.dependencies;
    const kind: FailureKind = failureClass === 'transient' || failureClass === 'unclear' ? 'outage' : failureClass;
    const records = kind === 'credentials' ? credentials : requests;
    const concernsClient = kind === 'credentials' || (kind === 'outage' && retryAfter !== undefined);
    const name = concernsClient ? clientKey : key;
    const count = records.count(name, kind) + 1;
    const pause = failurePause(kind, count, client.retry, retryAfter);
    records.remember(name, recordOf(failure, { kind, count, pause }));
  }

  /** Forgets the failures before a request that succeeded. */
  succeeded(key: string): void {
    for (const [records, name] of this.#places(key)) records.forget(name);
  }

  #places(key: string): readonly (readonly [FailureRecords, string])[] {
    const { clientKey, requests, credentials } = this.dependencies;
    const places = [
      [requests, key],
      [requests, clientKey],
    ] as const;
    return credentials === requests ? places : [...places, [credentials, clientKey]];
  }

  async #hasNewCredential({ record, pause }: LastFailure): Promise<boolean> {
    const { client, endpoint } = this.dependencies;
    if (record.credential === undefined) return false;
    return (await endpoint.credential?.changedSince(record.credential, Math.min(pause, client.timeout))) ?? false;
  }
}
