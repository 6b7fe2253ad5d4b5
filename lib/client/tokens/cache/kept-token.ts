import { inspect } from 'node:util';
import { Subject, type Observable, type Subscription } from 'rxjs';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import { isolateSubscribers } from '../../../events/isolate-subscribers.js';

/**
 * What renews the token of a `KeptToken`.
 *
 * @internal
 */
export interface KeptTokenSource {
  /** The values that come. */
  readonly values$: Observable<string>;
  /** @throws M2MError if there is none */
  value(): string;
  /** @param thrown by a subscriber */
  subscriberFailed(thrown: unknown): void;
  closed(token: KeptToken): void;
}

/** An access token that a timer keeps renewed until it is closed. Nothing that prints it prints its value. */
export class KeptToken {
  readonly #source: KeptTokenSource;
  readonly #values = new Subject<string>();
  readonly #subscription: Subscription;
  readonly #changes$: Observable<string>;
  readonly #closing: AbortSignal | undefined;

  /** @internal */
  constructor(source: KeptTokenSource, closing: AbortSignal | undefined) {
    this.#source = source;
    this.#closing = closing;
    this.#changes$ = isolateSubscribers(this.#values, (thrown) => source.subscriberFailed(thrown));
    this.#subscription = source.values$.subscribe(this.#values);
    closing?.addEventListener('abort', this.#close, { once: true });
  }

  /**
   * The current token, until it really expires.
   *
   * @throws the error of the last renewal if the token has expired
   * @throws TokenEndpointError if it was closed; or if it was invalidated or expired, and the next one is under way
   */
  get value(): string {
    if (this.#subscription.closed) throw new TokenEndpointError('this token is kept no longer: it was closed');
    return this.#source.value();
  }

  /**
   * The next values, each when it comes; the current one is not repeated. It completes when the token is closed, and has
   * no errors. What a subscriber throws is logged.
   */
  get changes$(): Observable<string> {
    return this.#changes$;
  }

  /** Ends the renewals, unless the same token is kept elsewhere. */
  close(): void {
    this.#close();
  }

  /** The same as {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.#close();
  }

  /**
   * With `getters: true`, values of getters are printed.
   *
   * @internal
   */
  [inspect.custom](): string {
    return 'KeptToken {}';
  }

  readonly #close = (): void => {
    if (this.#subscription.closed) return;
    this.#subscription.unsubscribe();
    this.#closing?.removeEventListener('abort', this.#close);
    this.#source.closed(this);
    this.#values.complete();
  };
}
