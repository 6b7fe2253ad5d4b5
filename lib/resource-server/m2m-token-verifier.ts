import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { Clock } from '../time/clock.js';
import { CallerNotAllowedError } from '../errors/caller-not-allowed.error.js';
import { InsufficientScopeError } from '../errors/insufficient-scope.error.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import { KeysUnavailableError } from '../errors/keys-unavailable.error.js';
import { isM2MError } from '../errors/m2m.error.js';
import { M2M_CLOCK, M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import type { M2MResourceServerEvent } from './events/m2m-resource-server-event.js';
import type { M2MCaller } from '../caller/m2m-caller.js';
import { M2MStrategy } from './m2m.strategy.js';
import { LONGEST_TOKEN } from './authentication/jwt/compact-jws.js';
import type { VerifiedToken } from './authentication/jwt/jwt-authenticator.js';
import { VerifiedTokenCache } from './authentication/verified-token-cache.js';

/** Verifies access tokens, for code that no guard covers. */
@Injectable()
export class M2MTokenVerifier implements OnApplicationBootstrap {
  /** What happens at the inbound half, with the reason that a caller is never told. */
  readonly events$: Observable<M2MResourceServerEvent>;
  private readonly cache: VerifiedTokenCache | undefined;
  private readonly logger = new Logger(M2MTokenVerifier.name);

  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(M2MStrategy) private readonly strategy: M2MStrategy,
    @Inject(M2M_CLOCK) clock: Clock,
  ) {
    const { resourceServer } = options;
    this.cache = resourceServer?.cache ? new VerifiedTokenCache(resourceServer.cache, clock) : undefined;
    this.events$ = strategy.events.events$;
    this.events$.subscribe((event) => {
      if (event.type === 'key-set-failed') this.logger.warn(`the key set of ${event.issuer}: ${event.error.message}`);
    });
  }

  /**
   * Who is calling, by an access token without the word `Bearer`.
   *
   * @throws InvalidTokenError where the token is not one that this resource server accepts
   * @throws CallerNotAllowedError where its client, organization or kind of caller is not allowed
   * @throws KeysUnavailableError where that cannot be known now
   * @throws M2MConfigurationError where this application has no `resourceServer`
   * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-4 RFC 9068, section 4}
   */
  async verify(accessToken: string): Promise<M2MCaller> {
    const remembered = this.remembered(accessToken);
    if (remembered) return remembered;
    try {
      if (typeof accessToken !== 'string') throw new InvalidTokenError('malformed', 'the token is not a string');
      const verified = await this.authenticate(accessToken);
      this.cache?.set(accessToken, verified);
      return verified.caller;
    } catch (error) {
      this.report(error);
      throw error;
    }
  }

  /** The caller of a token that was verified before and would pass now; without waiting. @internal */
  remembered(accessToken: string): M2MCaller | undefined {
    // What is too long to be a token would take long to hash, too.
    const mayBeToken = typeof accessToken === 'string' && accessToken.length <= LONGEST_TOKEN;
    return mayBeToken ? this.cache?.get(accessToken) : undefined;
  }

  /** Tells `events$` of a refusal. @internal */
  report(error: unknown, caller?: M2MCaller): void {
    const { events } = this.strategy;
    if (error instanceof InvalidTokenError) events.emit({ type: 'token-refused', error });
    else if (error instanceof CallerNotAllowedError || error instanceof InsufficientScopeError) {
      events.emit({ type: 'caller-refused', error, caller });
    } else if (error instanceof KeysUnavailableError) events.emit({ type: 'keys-unavailable', error });
  }

  async onApplicationBootstrap(): Promise<void> {
    const { resourceServer } = this.options;
    if (!resourceServer || resourceServer.warmup === 'off') return;
    const warmth = Promise.all(this.strategy.configured().issuers.map(({ keys }) => keys.ready()));
    if (resourceServer.warmup === 'required') await warmth;
    // The event of the fetch that failed is in the log already.
    else warmth.catch(() => undefined);
  }

  /** Runs the strategy as passport does, on an object of its own and not by its name, which another application may hold. */
  private authenticate(token: string): Promise<VerifiedToken> {
    return new Promise((resolve, reject) => {
      const run = Object.create(this.strategy) as M2MStrategy;
      run.success = (_caller, verified) => resolve(verified);
      run.fail = (reason) => reject(asRefusal(reason));
      run.error = reject;
      void run.authenticateToken(token);
    });
  }
}

/** What jsonwebtoken refuses after our own rules have passed is the signature. */
function asRefusal(reason: unknown): Error {
  if (isM2MError(reason)) return reason;
  return new InvalidTokenError('signature', 'the signature of the token does not verify', { cause: reason });
}
