import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import type { SubjectToken } from '../../caller/caller-token.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import type { Clock } from '../../time/clock.js';
import type { ExchangeParameters } from '../tokens/grants/exchange-parameters.js';
import type { TokenManager } from '../tokens/token-manager.js';
import type { RejectedTokens } from './rejected-tokens.js';

/** The tokens of one OAuth client, for requests to targets. */
export interface ClientTokens {
  /** `undefined`: the module's own client. */
  readonly name: string | undefined;
  readonly manager: Pick<TokenManager, 'getAccessToken' | 'ofNewCertificate' | 'exchanged'>;
  /** Replaces those that targets reject. */
  readonly rejected: RejectedTokens;
  /** What this client requests for a target. */
  parametersFor(target: ResolvedTarget): TokenParameters;
  /** What it requests in exchange for the token of a caller. @param now milliseconds since the epoch @throws NoCallerTokenError */
  exchangeFor(
    target: ResolvedTarget,
    parameters: TokenParameters,
    subject: SubjectToken,
    now: number,
  ): Promise<ExchangeParameters>;
}

/** Where attached tokens come from. */
export interface AttachedTokens {
  /** The tokens of a client by its name; a promise if they have to be looked for. @throws M2MConfigurationError */
  of(client: string | undefined): ClientTokens | Promise<ClientTokens>;
  /** Measures the timeouts of requests to targets. */
  readonly clock: Clock;
}
