import type { TokenEndpoint } from './endpoint/token-endpoint.js';
import { LRUCache } from 'lru-cache';
import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import type { M2MClientStats, TokenState } from '../events/stats.js';
import { Pending } from './acquisition/pending.js';
import type { KeptToken } from './cache/kept-token.js';
import { TokenCacheEntry } from './cache/token-cache-entry.js';
import { TokenKeeper } from './cache/token-keeper.js';
import { getOrInsert } from '../../collections/get-or-insert.js';
import { isM2MError } from '../../errors/m2m.error.js';
import { TokenEndpointError } from '../../errors/token-endpoint.error.js';
import { abortable } from '../../time/timeout.js';
import { memberOf } from '../../validation/checks.js';
import type { AccessToken } from './token/access-token.js';
import { KEY_LIMIT } from './token/cache-key.js';
import type { PreparedTokenRequest, TokenAcquirer } from './token/token-acquirer.js';
import type { TokenContext } from './token/token-context.js';
import type { TokenWatch } from './token/token-watch.js';

/** How one caller wants its token. */
export interface AccessTokenOptions {
  /** Ends this caller's wait, and no other one. */
  readonly signal?: AbortSignal | undefined;
  /** Whether to acquire a new token even if the current one is valid. */
  readonly forceRenewal?: boolean | undefined;
  /** The value of a rejected token: a renewal is forced only if it is still the current one. @default any is */
  readonly instead?: string | undefined;
  /** Whether it is for a call that got a token before, and is already counted. */
  readonly again?: boolean | undefined;
}

export interface TokenManagerDependencies extends TokenContext {
  readonly endpoint: TokenEndpoint;
  readonly acquirer: TokenAcquirer;
  readonly watch?: TokenWatch | undefined;
  /** Asks whether the client still exists, as long as its tokens are kept. @default it does */
  readonly confirm?: (() => Promise<unknown>) | undefined;
  /** Makes the manager of the tokens that come of exchanges. @default there are none */
  readonly makeExchanged?: (() => TokenManager) | undefined;
  /** Ends all pauses after failures, in the store too. */
  retryNow(): Promise<void>;
  /** @throws M2MConfigurationError for a field that the server does not understand */
  prepare(parameters: TokenParameters): PreparedTokenRequest;
}

/** The tokens of one OAuth client, kept in memory. */
export class TokenManager {
  readonly #dependencies: TokenManagerDependencies;
  /** Entries that have had a token, so that refused requests take no place. */
  readonly #entries = new LRUCache<string, TokenCacheEntry>(KEY_LIMIT);
  /** Entries whose next token is under way, so that none is lost before it is there. */
  readonly #acquiring = new Map<string, TokenCacheEntry>();
  /** Of tokens that are kept renewed. */
  readonly #keepers = new Map<string, TokenKeeper>();
  #exchanged: TokenManager | undefined;
  #isDiscarded = false;
  /** Calls that wait for a token. */
  readonly #calls = new Pending();
  /** Targets use the same object again and again, so its key is computed once. */
  readonly #prepared = new WeakMap<TokenParameters, PreparedTokenRequest>();
  /** When calls failed that got no token, in milliseconds since the epoch. Refused requests have no entry. */
  readonly #failedAt = new WeakMap<PreparedTokenRequest, number>();

  constructor(dependencies: TokenManagerDependencies) {
    this.#dependencies = dependencies;
  }

  /** The tokens of this client that come in exchange for those of callers: kept, refused and counted apart from its own. */
  get exchanged(): TokenManager {
    this.#refuseIfDiscarded();
    this.#exchanged ??= this.#dependencies.makeExchanged?.();
    return this.#exchanged ?? this;
  }

  /**
   * Gets the current token, or else the next one.
   *
   * @throws TokenRequestError, TokenEndpointError, DiscoveryError, BudgetExceededError, M2MConfigurationError
   */
  async getAccessToken(parameters: TokenParameters, options: AccessTokenOptions = {}): Promise<AccessToken> {
    const signal = memberOf(options, 'signal');
    const forceRenewal = memberOf(options, 'forceRenewal');
    const again = memberOf(options, 'again');
    signal?.throwIfAborted();
    this.#refuseIfDiscarded();
    const { counts, watch } = this.#dependencies;
    const request = this.#prepare(parameters);
    const entry = this.#entry(request.key) ?? new TokenCacheEntry(request, this.#dependencies);
    const instead = forceRenewal ? memberOf(options, 'instead') : undefined;
    const isReplaced = instead !== undefined && entry.token?.value !== instead;
    const current = forceRenewal && !isReplaced ? undefined : entry.current();
    if (current) {
      if (entry.isAcquiring) this.#keep(request.key, entry);
      if (!again) counts.servedFromMemory += 1;
      return current;
    }
    const previous = entry.token;
    const next = this.#calls.add(forceRenewal ? entry.next(signal) : entry.nextOrCurrent(signal));
    this.#keep(request.key, entry);
    const { requested } = request.grant;
    void next.then(
      (token) => {
        this.#failedAt.delete(request);
        return token !== previous && watch?.called(requested);
      },
      (error: unknown) => {
        // Not that of a caller who ended its own wait.
        if (isM2MError(error)) this.#failedAt.set(request, this.#dependencies.clock.wall());
        watch?.called(requested, error);
      },
    );
    if (again) return next;
    // In an outage the current token is served, and only the first call waits for a newer one.
    const atOnce = await Promise.race([next, Promise.resolve(undefined)]);
    if (!atOnce) counts.waits += 1;
    const token = await next;
    if (token === previous) {
      counts.servedFromMemory += 1;
      counts.servedDuringOutage += 1;
    }
    return token;
  }

  /**
   * Gets a token as `getAccessToken` does, and keeps it renewed.
   *
   * @param closing closes it, or ends the wait for the first token
   * @throws the errors of `getAccessToken`, and the signal's reason
   */
  async keepToken(
    parameters: TokenParameters,
    options: AccessTokenOptions = {},
    closing?: AbortSignal,
  ): Promise<KeptToken> {
    this.#refuseIfClosed();
    closing?.throwIfAborted();
    await abortable(this.getAccessToken(parameters, options), closing);
    this.#refuseIfClosed();
    // It may have been aborted after the wait had ended.
    closing?.throwIfAborted();
    const request = this.#prepare(parameters);
    const keeper = getOrInsert(this.#keepers, request.key, () => this.#keeper(request));
    return keeper.keep(closing);
  }

  /**
   * The token in place of one that is bound to a client certificate (RFC 8705, section 3). `undefined` if the client still
   * authenticates with that certificate. A function that returns it is asked.
   *
   * @throws TokenRequestError, TokenEndpointError, DiscoveryError, BudgetExceededError, M2MConfigurationError
   */
  async ofNewCertificate(parameters: TokenParameters, bound: AccessToken): Promise<AccessToken | undefined> {
    const { endpoint, client } = this.#dependencies;
    if (endpoint.certificate === undefined) return undefined;
    await endpoint.credential?.recheck?.(client.timeout);
    const token = await this.getAccessToken(parameters, { again: true });
    return token.value === bound.value ? undefined : token;
  }

  /** Forgets a token, here and in the store. With `ifValue`, only if it is still that one. */
  async invalidate(parameters: TokenParameters, ifValue?: string): Promise<void> {
    const { key } = this.#prepare(parameters);
    this.#entry(key)?.forget(ifValue);
    await this.#dependencies.acquirer.forget?.(key, ifValue);
    this.#keepers.get(key)?.renew();
  }

  /** Ends all pauses after failures, here and in the store. */
  async retryNow(): Promise<void> {
    const kept = Array.from(this.#keepers.values(), ({ entry }) => entry);
    for (const entry of [...this.#entries.values(), ...this.#acquiring.values(), ...kept]) entry.retryNow();
    await this.#dependencies.retryNow();
    await this.#exchanged?.retryNow();
    for (const keeper of this.#keepers.values()) keeper.renew();
  }

  /** What the tokens cost since the manager was made. */
  stats(): Omit<M2MClientStats, 'tokens'> {
    const { counts, endpoint } = this.#dependencies;
    return { ...counts, quota: endpoint.quota ?? [], clockSkew: endpoint.clockSkew };
  }

  /** What is known of a token. `undefined` if it was not requested with this very object. */
  stateOf(parameters: TokenParameters): TokenState | undefined {
    const request = this.#prepared.get(parameters);
    const entry = request && this.#entry(request.key);
    if (entry?.token) return entry.state;
    const failedAt = request && this.#failedAt.get(request);
    return failedAt === undefined ? undefined : { remaining: 0, lifetime: 0, failedAt };
  }

  /** Whether calls wait for tokens, or tokens are kept renewed. */
  get isBusy(): boolean {
    const isBusy = this.#calls.size > 0 || this.#acquiring.size > 0 || this.#keepers.size > 0;
    return isBusy || this.#exchanged?.isBusy === true;
  }

  /** Forgets all tokens, here and in the store, and gives none any more. What is under way leaves none behind. */
  async discard(): Promise<void> {
    this.#isDiscarded = true;
    this.#stop();
    const keys = new Set([...this.#entries.keys(), ...this.#acquiring.keys()]);
    this.#entries.clear();
    await this.#exchanged?.discard();
    await this.#dependencies.acquirer.discard?.([...keys]);
  }

  /** Closes what is kept, ends all waits between attempts, and resolves when nothing is under way. The manager still works, without retries. */
  async close(): Promise<void> {
    this.#stop();
    // A call may need a second flight after the one that is under way.
    await this.#exchanged?.close();
    await this.#calls.settled();
    await Promise.all(Array.from(this.#acquiring.values(), (entry) => entry.settled()));
    await this.#dependencies.acquirer.settled?.();
  }

  /** Closes what is kept, and ends all waits between attempts. */
  #stop(): void {
    this.#dependencies.sleeper.close();
    for (const keeper of this.#keepers.values()) keeper.close();
  }

  #prepare(parameters: TokenParameters): PreparedTokenRequest {
    const known = this.#prepared.get(parameters);
    if (known) return known;
    const prepared = this.#dependencies.prepare(parameters);
    this.#prepared.set(parameters, prepared);
    return prepared;
  }

  #entry(key: string): TokenCacheEntry | undefined {
    return this.#entries.get(key) ?? this.#acquiring.get(key) ?? this.#keepers.get(key)?.entry;
  }

  #keeper(request: PreparedTokenRequest): TokenKeeper {
    const { key } = request;
    const entry = this.#entry(key) ?? new TokenCacheEntry(request, this.#dependencies);
    const { clock, watch, confirm } = this.#dependencies;
    return new TokenKeeper(entry, {
      clock,
      watch,
      confirm,
      renewing: () => this.#keep(key, entry),
      closed: () => this.#keepers.delete(key),
    });
  }

  /** @throws TokenEndpointError if its client was forgotten */
  #refuseIfDiscarded(): void {
    if (this.#isDiscarded) throw new TokenEndpointError('no token is requested: this client was forgotten');
  }

  /** @throws TokenEndpointError if the manager is closed */
  #refuseIfClosed(): void {
    this.#refuseIfDiscarded();
    if (!this.#dependencies.sleeper.closed) return;
    throw new TokenEndpointError('no token is kept: the application is shutting down');
  }

  /** Keeps an entry until its flight has ended, and for longer if that brought a token. */
  #keep(key: string, entry: TokenCacheEntry): void {
    if (this.#acquiring.has(key)) return;
    this.#acquiring.set(key, entry);
    const settled = (): void => {
      this.#acquiring.delete(key);
      if (entry.token && this.#entries.get(key) !== entry) this.#entries.set(key, entry);
    };
    void entry.settled().then(settled);
  }
}
