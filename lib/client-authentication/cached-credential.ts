import type { M2MConfigurationError } from '../errors/configuration.error.js';
import { isM2MError, type M2MError } from '../errors/m2m.error.js';
import { hasCode } from '../errors/has-code.js';
import { runOutsideRequests } from '../request-context/request-context.js';
import type { Clock } from '../time/clock.js';
import { RECHECK_PAUSE, type CredentialCallback } from './credential-callback.js';
import { type CredentialOption, inTime, readCredential } from './credential-option.js';

/** Milliseconds for which a credential is used before the function is called again. */
const MAX_AGE = 10 * 60 * 1000;
/** Milliseconds that a request waits at most for a newer credential if it could have the one at hand. */
const REREAD_TIMEOUT = 1000;

/** What becomes of a credential that is at hand. */
export interface CredentialWatch {
  /** The function failed, or returned no credential. The one at hand stays in use. */
  failed(error: M2MError): void;
  /** The function works again. */
  recovered(): void;
  /** The function returned another credential. @param thumbprint of a key or certificate */
  changed(thumbprint: string | undefined): void;
}

const UNWATCHED: CredentialWatch = { failed: () => undefined, recovered: () => undefined, changed: () => undefined };

/**
 * The credential that a function returns. The function is called for the first token request, again after 10 minutes, and
 * after a refusal. If it fails then, the credential at hand stays in use.
 */
export class CachedCredential<Credential> implements CredentialCallback<Credential> {
  readonly isCached = true;
  readonly #option: CredentialOption<Credential>;
  #current: Credential | undefined;
  /** The call that is under way. */
  #call: Promise<Credential> | undefined;
  #lastCall = 0;
  /** The last call that returned a credential. */
  #lastAnswer = 0;
  /** When the credential at hand is too old, or in doubt. */
  #dueAt = Infinity;
  #recheckedAt = -Infinity;
  #doubtedAt = -Infinity;
  #hasFailed = false;
  /** The last call, if it returned no credential. */
  #none: { readonly error: M2MConfigurationError; readonly at: number } | undefined;

  constructor(
    option: CredentialOption<Credential>,
    private readonly clock: Clock,
    private readonly watch: CredentialWatch = UNWATCHED,
  ) {
    this.#option = option;
  }

  get thumbprint(): string | undefined {
    return this.#current === undefined ? undefined : this.#option.thumbprint?.(this.#current);
  }

  async value(timeout: number): Promise<Credential> {
    const current = this.#current;
    if (current === undefined) return this.#callInTime(timeout);
    const now = this.clock.monotonic();
    if (now < this.#dueAt) return current;
    // Other requests do not wait.
    this.#dueAt = now + RECHECK_PAUSE;
    return this.#newest(current, Math.min(timeout / 2, REREAD_TIMEOUT));
  }

  fingerprint(credential: Credential): string {
    return this.#option.fingerprint(credential);
  }

  async changedSince(refused: string, timeout: number): Promise<boolean> {
    const current = this.#current;
    if (current === undefined) return this.fingerprint(await this.#callInTime(timeout)) !== refused;
    // Another request may have called a moment ago.
    if (this.fingerprint(current) !== refused) return true;
    await this.recheck(timeout);
    return this.fingerprint(this.#current ?? current) !== refused;
  }

  async recheck(timeout: number): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    if (!this.#call) {
      const now = this.clock.monotonic();
      if (now - this.#recheckedAt < RECHECK_PAUSE) return;
      this.#recheckedAt = now;
    }
    await this.#newest(current, timeout);
  }

  doubt(): void {
    const now = this.clock.monotonic();
    if (now - this.#doubtedAt < RECHECK_PAUSE) return;
    this.#doubtedAt = this.#dueAt = now;
  }

  /** Calls the function. The credential at hand, if it fails. */
  async #newest(current: Credential, timeout: number): Promise<Credential> {
    try {
      return await this.#callInTime(timeout);
    } catch (error) {
      this.#hasFailed = true;
      if (isM2MError(error)) this.watch.failed(error);
      return this.#current ?? current;
    }
  }

  async #callInTime(timeout: number): Promise<Credential> {
    const call = (this.#call ??= runOutsideRequests(() => this.#read()));
    try {
      return await inTime(call, this.#option, timeout, this.clock);
    } finally {
      // The next request does not wait for a call that hangs.
      if (this.#call === call) this.#call = undefined;
    }
  }

  async #read(): Promise<Credential> {
    const none = this.#none;
    if (none && this.#current === undefined && this.clock.monotonic() - none.at < RECHECK_PAUSE) throw none.error;
    this.#lastCall += 1;
    const number = this.#lastCall;
    const credential = await readCredential(this.#option, this.clock).catch((error: unknown) => {
      if (hasCode(error, 'ERR_M2M_CONFIGURATION')) this.#none = { error, at: this.clock.monotonic() };
      throw error;
    });
    // It may come when no request waits for it any more, and even after the answer to a later call.
    if (number > this.#lastAnswer) {
      this.#lastAnswer = number;
      this.#keep(credential);
    }
    return this.#current ?? credential;
  }

  #keep(credential: Credential): void {
    const before = this.#current;
    this.#dueAt = this.clock.monotonic() + MAX_AGE;
    if (this.#hasFailed) this.watch.recovered();
    this.#hasFailed = false;
    if (before !== undefined && this.fingerprint(before) === this.fingerprint(credential)) return;
    this.#current = credential;
    if (before !== undefined) this.watch.changed(this.thumbprint);
  }
}
