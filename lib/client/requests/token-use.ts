import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import type { TokenManager } from '../tokens/token-manager.js';

/** A token that goes to a target, and what was requested for it. */
export interface TokenUse {
  readonly target: ResolvedTarget;
  readonly parameters: TokenParameters;
  readonly manager: Pick<TokenManager, 'getAccessToken'>;
}
