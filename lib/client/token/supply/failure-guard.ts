import type { ResolvedClient } from '../../../options/resolved-options.js';
import { fingerprint, type ClientSecret } from '../../authentication/client-secret.js';
import { clientKey } from '../cache-key.js';
import { failureOf, pauseAfter, remembered } from './failure.js';
import type { FailureMemory } from './failure-memory.js';
import { judge, type Verdict } from './verdict.js';

/** Keeps token requests from being sent that would fail as the ones before. */
export class FailureGuard {
  readonly #clientKey: string;

  constructor(
    private readonly client: ResolvedClient,
    private readonly memory: FailureMemory,
    private readonly secret: ClientSecret | undefined,
  ) {
    this.#clientKey = clientKey(client);
  }

  /** Learns from the store what other processes went through. */
  async learn(key: string): Promise<void> {
    await Promise.all([this.memory.learn(key), this.memory.learn(this.#clientKey)]);
  }

  /** @throws TokenRequestError, TokenEndpointError that the last request failed with, while its pause lasts */
  async check(key: string): Promise<void> {
    for (const name of [key, this.#clientKey]) {
      const current = this.memory.current(name);
      if (!current) continue;
      const { failure, pause } = current;
      if (!(await this.#secretChangedSince(failure.secret))) throw remembered(failure, pause);
    }
  }

  /** Remembers a failure: the client's, where it concerns all of its requests, else that of the key. */
  async failed(key: string, error: Error): Promise<void> {
    const verdict = judge(error, this.client.authorizationServer);
    if (verdict.kind === 'ours') return;
    const name = concernsClient(verdict) ? this.#clientKey : key;
    const count = this.memory.count(name) + 1;
    const pause = pauseAfter(count, verdict, this.client.retry);
    const secret = verdict.kind === 'credentials' && this.secret ? await this.secret.value() : undefined;
    const refused = secret === undefined ? undefined : fingerprint(secret);
    await this.memory.remember(name, failureOf(error, count, pause, refused));
  }

  async succeeded(key: string): Promise<void> {
    await Promise.all([this.memory.forget(key), this.memory.forget(this.#clientKey)]);
  }

  async #secretChangedSince(refused: string | undefined): Promise<boolean> {
    if (refused === undefined || !this.secret) return false;
    const secret = await this.secret.value();
    return fingerprint(secret) !== refused || this.secret.changedSince(secret);
  }
}

function concernsClient(verdict: Verdict): boolean {
  return verdict.kind === 'credentials' || (verdict.kind === 'transient' && verdict.retryAfter !== undefined);
}
