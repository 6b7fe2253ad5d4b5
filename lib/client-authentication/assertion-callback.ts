import { runOutsideRequests } from '../request-context/request-context.js';
import { backoff } from '../time/backoff.js';
import type { Clock } from '../time/clock.js';
import { fingerprint, RECHECK_PAUSE, type CredentialCallback } from './credential-callback.js';
import { type CredentialOption, inTime, readCredential, textOption } from './credential-option.js';

/** Milliseconds between two checks at most. */
const LONGEST_PAUSE = 5 * 60 * 1000;

/** A function that returns client assertions. It is called for every token request, and now and then after a refusal. */
export class AssertionCallback implements CredentialCallback<string> {
  /** The function is called for every token request. */
  readonly isCached = false;
  readonly #option: CredentialOption;
  /** Fingerprint of the assertion that was refused last. */
  #refused: string | undefined;
  /** The result of the last check. */
  #changed = Promise.resolve(false);
  #checkedAt = -Infinity;
  /** Assertions in a row that were refused although they were new. */
  #vainChanges = 0;

  /** @param read returns the assertion as it is now */
  constructor(
    read: () => string | Promise<string>,
    private readonly clock: Clock,
  ) {
    const remedy = 'clientAssertion(() => readTheAssertion()), which returns a text or a promise of one';
    this.#option = textOption('clientAssertion', { option: 'client.clientAuthentication', remedy }, read);
  }

  value(timeout: number): Promise<string> {
    return inTime(
      runOutsideRequests(() => readCredential(this.#option, this.clock)),
      this.#option,
      timeout,
      this.clock,
    );
  }

  fingerprint(assertion: string): string {
    return fingerprint(assertion);
  }

  changedSince(refused: string, timeout: number): Promise<boolean> {
    const now = this.clock.monotonic();
    if (this.#refused !== undefined && refused !== this.#refused) {
      // Another assertion did not help. The function may make a new one at every call, so it is called less often.
      this.#vainChanges += 1;
      this.#checkedAt = now;
      this.#changed = Promise.resolve(false);
    }
    this.#refused = refused;
    if (now - this.#checkedAt >= backoff(this.#vainChanges + 1, RECHECK_PAUSE, LONGEST_PAUSE)) {
      this.#checkedAt = now;
      this.#changed = this.#check(refused, timeout);
    }
    return this.#changed;
  }

  async #check(refused: string, timeout: number): Promise<boolean> {
    const found = await this.value(timeout).then(fingerprint, () => refused);
    if (found === refused) this.#vainChanges = 0;
    return found !== refused;
  }
}
