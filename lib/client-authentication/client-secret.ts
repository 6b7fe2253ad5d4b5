import type { Clock } from '../time/clock.js';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import type { ResolvedClient } from '../options/resolved-options.js';
import { ASK_AGAIN, fingerprint, type Credentials } from './credentials.js';
import { ask, inTime, type CredentialCallback } from './credential-callback.js';

/** A client's secret: asked for when it is first needed, kept, and asked for again when it is refused. */
export class ClientSecret implements Credentials {
  readonly #function: CredentialCallback;
  #known: string | undefined;
  /** The question that is under way. */
  #question: Promise<string> | undefined;
  #asked = 0;
  /** The last question that was answered. */
  #answered = 0;
  #askedAgainAt = -Infinity;
  /** The last answer, where it was no secret. */
  #useless: { readonly error: M2MConfigurationError; readonly at: number } | undefined;

  /** @param read gives the secret as it is now */
  constructor(
    read: NonNullable<ResolvedClient['clientSecret']>,
    private readonly clock: Clock,
  ) {
    const remedy =
      'clientSecret: () => readTheSecret(), which returns the secret or a promise of it: is the variable or file set that it reads?';
    this.#function = { name: 'clientSecret', option: 'client.clientSecret', remedy, read };
  }

  async value(patience: number): Promise<string> {
    return this.#known ?? this.#answer(patience);
  }

  async changedSince(refused: string, patience: number): Promise<boolean> {
    const known = this.#known;
    if (known === undefined) return fingerprint(await this.#answer(patience)) !== refused;
    // Somebody else may have asked a moment ago.
    if (fingerprint(known) !== refused) return true;
    if (!this.#question) {
      const now = this.clock.monotonic();
      if (now - this.#askedAgainAt < ASK_AGAIN) return false;
      this.#askedAgainAt = now;
    }
    const answer = await this.#answer(patience).catch(() => known);
    return fingerprint(answer) !== refused;
  }

  async #answer(patience: number): Promise<string> {
    const question = (this.#question ??= this.#ask());
    try {
      return await inTime(question, this.#function.name, patience, this.clock);
    } finally {
      // One that hangs is not waited for again.
      if (this.#question === question) this.#question = undefined;
    }
  }

  async #ask(): Promise<string> {
    const useless = this.#useless;
    if (useless && this.clock.monotonic() - useless.at < ASK_AGAIN) throw useless.error;
    this.#asked += 1;
    const number = this.#asked;
    const secret = await ask(this.#function).catch((error: unknown) => {
      if (error instanceof M2MConfigurationError) this.#useless = { error, at: this.clock.monotonic() };
      throw error;
    });
    // It may come when nobody waits for it any more, and even after the answer to a later question.
    if (number > this.#answered) {
      this.#answered = number;
      this.#known = secret;
    }
    return secret;
  }
}
