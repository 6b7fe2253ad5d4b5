import type { M2MConfigurationError } from '../errors/configuration.error.js';
import { hasCode } from '../errors/has-code.js';
import type { Clock } from '../time/clock.js';
import { fingerprint, RECHECK_PAUSE, type CredentialCallback } from './credential-callback.js';
import { type CredentialOption, inTime, readCredential } from './credential-option.js';

/** A function that returns the client's secret. It is called for the first token request, and again after a refusal. */
export class SecretCallback implements CredentialCallback {
  /** The secret is kept until it is refused. */
  readonly isCached = true;
  readonly #option: CredentialOption;
  #secret: string | undefined;
  /** The call that is under way. */
  #call: Promise<string> | undefined;
  #lastCall = 0;
  /** The last call that returned a secret. */
  #lastAnswer = 0;
  #recheckedAt = -Infinity;
  /** The last call, if it returned no secret. */
  #noSecret: { readonly error: M2MConfigurationError; readonly at: number } | undefined;

  /** @param read returns the secret as it is now */
  constructor(
    read: () => string | Promise<string>,
    private readonly clock: Clock,
  ) {
    const remedy =
      'clientSecret: () => readTheSecret(), which returns the secret or a promise of it: is the variable or file set that it reads?';
    this.#option = { name: 'clientSecret', option: 'client.clientSecret', remedy, read };
  }

  async value(timeout: number): Promise<string> {
    return this.#secret ?? this.#callInTime(timeout);
  }

  async changedSince(refused: string, timeout: number): Promise<boolean> {
    const known = this.#secret;
    if (known === undefined) return fingerprint(await this.#callInTime(timeout)) !== refused;
    // Another request may have called a moment ago.
    if (fingerprint(known) !== refused) return true;
    if (!this.#call) {
      const now = this.clock.monotonic();
      if (now - this.#recheckedAt < RECHECK_PAUSE) return false;
      this.#recheckedAt = now;
    }
    const secret = await this.#callInTime(timeout).catch(() => known);
    return fingerprint(secret) !== refused;
  }

  async #callInTime(timeout: number): Promise<string> {
    const call = (this.#call ??= this.#read());
    try {
      return await inTime(call, this.#option, timeout, this.clock);
    } finally {
      // The next request does not wait for a call that hangs.
      if (this.#call === call) this.#call = undefined;
    }
  }

  async #read(): Promise<string> {
    const noSecret = this.#noSecret;
    if (noSecret && this.clock.monotonic() - noSecret.at < RECHECK_PAUSE) throw noSecret.error;
    this.#lastCall += 1;
    const number = this.#lastCall;
    const secret = await readCredential(this.#option).catch((error: unknown) => {
      if (hasCode(error, 'ERR_M2M_CONFIGURATION')) this.#noSecret = { error, at: this.clock.monotonic() };
      throw error;
    });
    // It may come when no request waits for it any more, and even after the answer to a later call.
    if (number > this.#lastAnswer) {
      this.#lastAnswer = number;
      this.#secret = secret;
    }
    return secret;
  }
}
