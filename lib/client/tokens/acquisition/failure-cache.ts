import type { ResolvedClient } from '../../../options/resolved-options.js';
import { presentedWith, type CredentialCallback } from '../../../client-authentication/credential-callback.js';
import type { ClientAuthenticator } from '../../../client-authentication/client-authenticator.js';
import { clientKey } from '../token/cache-key.js';
import { RequestPostponed } from '../token/request-postponed.js';
import { failureOf, pauseAfter, remembered } from './failure.js';
import type { CurrentFailure, FailureRecords } from './failure-records.js';
import { classify, type FailureClass } from '../endpoint/failure-class.js';

/** Where failures are remembered: `credentials` those of refused ones, `requests` all others. */
export interface FailureRecordsByClass {
  readonly credentials: FailureRecords;
  readonly requests: FailureRecords;
}

/** Keeps token requests from being sent that would fail as the ones before. */
export class FailureCache {
  readonly #clientKey: string;

  constructor(
    private readonly client: ResolvedClient,
    private readonly memories: FailureRecordsByClass,
    private readonly credentials: CredentialCallback | undefined,
    authenticator: ClientAuthenticator,
  ) {
    this.#clientKey = clientKey(client, authenticator);
  }

  /** Learns from the store what other processes went through. */
  async learn(key: string): Promise<void> {
    await Promise.all(this.#places(key).map(({ memory, name }) => memory.learn(name)));
  }

  /**
   * Where credentials were refused, asks for others: no longer than the pause lasts, and than a token request may take.
   *
   * @throws RequestHeldBack while the pause after the last failure lasts
   */
  async check(key: string): Promise<void> {
    for (const { memory, name } of this.#places(key)) {
      const before = memory.current(name);
      if (!before || (await this.#changedSince(before))) continue;
      const current = memory.current(name);
      if (current) throw new RequestPostponed(remembered(current.failure, current.pause), current.pause);
    }
  }

  /** Remembers a failure: the client's, where it concerns all of its requests, else that of the key. */
  async failed(key: string, error: Error): Promise<void> {
    const verdict = classify(error, this.client.authorizationServer);
    if (verdict.kind === 'ours') return;
    const memory = verdict.kind === 'credentials' ? this.memories.credentials : this.memories.requests;
    const name = concernsClient(verdict) ? this.#clientKey : key;
    // In one outage both come in turns.
    const kind = verdict.kind === 'unclear' ? 'transient' : verdict.kind;
    const count = memory.count(name, kind) + 1;
    const pause = pauseAfter(count, verdict, this.client.retry);
    const secret = kind === 'credentials' ? presentedWith(error) : undefined;
    await memory.remember(name, failureOf(error, { kind, count, pause, secret }));
  }

  async succeeded(key: string): Promise<void> {
    await Promise.all(this.#places(key).map(({ memory, name }) => memory.forget(name)));
  }

  #places(key: string): readonly { readonly memory: FailureRecords; readonly name: string }[] {
    const { credentials, requests } = this.memories;
    const places = [key, this.#clientKey].map((name) => ({ memory: requests, name }));
    return credentials === requests ? places : [...places, { memory: credentials, name: this.#clientKey }];
  }

  async #changedSince({ failure, pause }: CurrentFailure): Promise<boolean> {
    if (failure.secret === undefined || !this.credentials) return false;
    return this.credentials.changedSince(failure.secret, Math.min(pause, this.client.timeout));
  }
}

function concernsClient(verdict: FailureClass): boolean {
  return verdict.kind === 'credentials' || (verdict.kind === 'transient' && verdict.retryAfter !== undefined);
}
