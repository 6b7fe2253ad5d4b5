import { isDeepStrictEqual } from 'node:util';
import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import type { SubjectToken } from '../../caller/caller-token.js';
import { getOrInsert } from '../../collections/get-or-insert.js';
import { rulesOf } from '../../options/access-token-provider.js';
import { tryTokenParameters } from '../../options/resolve-authorization-server.js';
import type { ResolvedClient, ResolvedTarget } from '../../options/resolved-options.js';
import { tokenParameters } from '../../options/token-parameters.js';
import { Problems } from '../../validation/problems.js';
import { inTermsOfClient } from '../events/client-in-words.js';
import type { M2MClientStats, M2MTokenStats } from '../events/stats.js';
import type { RejectedTokens } from '../requests/rejected-tokens.js';
import type { ClientTokens } from '../requests/client-tokens.js';
import { exchangeParameters, type ExchangeParameters } from '../tokens/grants/exchange-parameters.js';
import type { TokenManager } from '../tokens/token-manager.js';

/** One OAuth client at work: its tokens, and what it requests for each target. */
export class OAuthClient implements ClientTokens {
  readonly #options: ResolvedClient;
  readonly #makeRejected: () => RejectedTokens;
  #rejected: RejectedTokens | undefined;
  readonly #parameters = new Map<ResolvedTarget, TokenParameters>();

  constructor(
    options: ResolvedClient,
    readonly manager: TokenManager,
    makeRejected: () => RejectedTokens,
  ) {
    this.#options = options;
    this.#makeRejected = makeRejected;
  }

  get name(): string | undefined {
    return this.#options.name;
  }

  /** The same client with other defaults. */
  with(options: ResolvedClient): OAuthClient {
    // Not this client: each would keep the one before it, for as long as its defaults change.
    const { manager, rejected } = this;
    return new OAuthClient(options, manager, () => rejected);
  }

  /** What its tokens are requested for without a target. */
  get defaults(): TokenParameters {
    return this.#options.defaults;
  }

  /** Whether these are its defaults. */
  hasDefaults(defaults: TokenParameters): boolean {
    return isDeepStrictEqual(this.defaults, defaults);
  }

  /** What its tokens cost, and the state of those that its own options and its targets describe. @param targets of all clients */
  stats(targets: readonly ResolvedTarget[]): M2MClientStats {
    const own = targets.filter(({ client }) => client === this.name);
    const described = [
      { target: undefined, parameters: this.defaults },
      ...own.map((target) => ({ target: target.name, parameters: this.parametersFor(target) })),
    ];
    const tokens = described.flatMap(({ target, parameters }): M2MTokenStats[] => {
      const state = this.manager.stateOf(parameters);
      return state ? [{ target, ...state }] : [];
    });
    return { ...this.manager.stats(), tokens };
  }

  get rejected(): RejectedTokens {
    this.#rejected ??= this.#makeRejected();
    return this.#rejected;
  }

  /**
   * What it requests for a target: its own defaults, and over them what the target says.
   *
   * @throws M2MConfigurationError if its authorization server does not take that
   */
  parametersFor(target: ResolvedTarget): TokenParameters {
    return getOrInsert(this.#parameters, target, () => this.#requestFor(target));
  }

  /**
   * What it requests for a target in exchange for the token of a caller.
   *
   * @throws NoCallerTokenError, M2MConfigurationError, and the errors of its own token if that is the actor's
   */
  exchangeFor(
    target: ResolvedTarget,
    parameters: TokenParameters,
    subject: SubjectToken,
    now: number,
  ): Promise<ExchangeParameters> {
    const actor = async (): Promise<string> => (await this.manager.getAccessToken(this.defaults)).value;
    return exchangeParameters(this.#options, parameters, target, subject, now, actor);
  }

  #requestFor(target: ResolvedTarget): TokenParameters {
    const { defaults, name } = this.#options;
    const parameters = tokenParameters(defaults, target.token);
    // The server of the target's own client was asked at the start.
    if (name === target.client || target.tokenChoice === 'exchange') return parameters;
    return inTermsOfClient(name, () => {
      const problems = new Problems();
      tryTokenParameters(problems, `client.targets.${target.name}`, rulesOf(this.#options), parameters);
      problems.throwIfAny();
      return parameters;
    });
  }
}
