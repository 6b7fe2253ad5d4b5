import type { ClientAssertion } from './client-authentication.js';
import type { Clock } from '../time/clock.js';
import { ASK_AGAIN, fingerprint, type Credentials } from './credentials.js';
import { ask, inTime, type CredentialCallback } from './credential-callback.js';

/** Milliseconds between two looks at most. */
const LONGEST_PAUSE = 5 * 60 * 1000;

/** An assertion that somebody else made: asked for with every token request, and looked at again when it is refused. */
export class ChangingAssertion implements Credentials {
  readonly #function: CredentialCallback;
  /** What was refused last. */
  #refused: string | undefined;
  /** What the last look for something else showed. */
  #changed = Promise.resolve(false);
  #lookedAt = -Infinity;
  #pause = ASK_AGAIN;

  constructor(
    { assertion }: ClientAssertion,
    private readonly clock: Clock,
  ) {
    const remedy = 'clientAssertion(() => readTheAssertion()), which returns a text or a promise of one';
    this.#function = { name: 'clientAssertion', option: 'client.clientAuthentication', remedy, read: assertion };
  }

  value(patience: number): Promise<string> {
    return inTime(ask(this.#function), this.#function.name, patience, this.clock);
  }

  changedSince(refused: string, patience: number): Promise<boolean> {
    const now = this.clock.monotonic();
    if (this.#refused !== undefined && refused !== this.#refused) {
      // That it changed did not help. The function may make a new one whenever it is asked, and is asked less often.
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
      this.#lookedAt = now;
      this.#changed = Promise.resolve(false);
    }
    this.#refused = refused;
    if (now - this.#lookedAt >= this.#pause) {
      this.#lookedAt = now;
      this.#changed = this.#look(refused, patience);
    }
    return this.#changed;
  }

  async #look(refused: string, patience: number): Promise<boolean> {
    const found = await this.value(patience).then(fingerprint, () => refused);
    if (found === refused) this.#pause = ASK_AGAIN;
    return found !== refused;
  }
}
