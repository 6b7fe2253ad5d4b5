import { Subject, type Observable } from 'rxjs';
import type { CallerNotAllowedError } from '../../errors/caller-not-allowed.error.js';
import type { InsufficientScopeError } from '../../errors/insufficient-scope.error.js';
import type { InvalidTokenError } from '../../errors/invalid-token.error.js';
import type { KeysUnavailableError } from '../../errors/keys-unavailable.error.js';
import type { M2MCaller } from '../../caller/m2m-caller.js';

/** What happened at the inbound half, with the reason that a caller is never told. Types may be added in a minor version. */
export type M2MResourceServerEvent =
  /** A token was not accepted; `error.reason` says why. */
  | { readonly type: 'token-refused'; readonly error: InvalidTokenError }
  /** A token was accepted, its caller was not. `caller` is absent where it could not be read. */
  | {
      readonly type: 'caller-refused';
      readonly error: CallerNotAllowedError | InsufficientScopeError;
      readonly caller?: M2MCaller | undefined;
    }
  /** A token could not be judged. */
  | { readonly type: 'keys-unavailable'; readonly error: KeysUnavailableError }
  /** A key set was fetched. Tokens signed with the `withdrawn` keys no longer pass. */
  | {
      readonly type: 'key-set-fetched';
      readonly issuer: string;
      /** The `kid`s of the usable keys; `undefined` for a key without. */
      readonly keys: readonly (string | undefined)[];
      readonly withdrawn: readonly (string | undefined)[];
    }
  /** A key set could not be fetched; the keys at hand keep being used while they may. */
  | { readonly type: 'key-set-failed'; readonly issuer: string; readonly error: Error };

/** Where the inbound half reports what happens. */
export class ResourceServerEvents {
  readonly #subject = new Subject<M2MResourceServerEvent>();
  readonly events$: Observable<M2MResourceServerEvent> = this.#subject.asObservable();

  emit(event: M2MResourceServerEvent): void {
    this.#subject.next(event);
  }

  complete(): void {
    this.#subject.complete();
  }
}
