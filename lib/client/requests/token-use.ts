import type { CallerToken } from '../../caller/caller-token.js';
import type { TargetToken } from '../events/target-log.js';
import type { TokenManager } from '../tokens/token-manager.js';

/** A token that goes to a target, and its client's manager. */
export interface TokenUse extends TargetToken {
  readonly manager: Pick<TokenManager, 'getAccessToken' | 'ofNewCertificate'>;
  /** Whose token was exchanged for it. @default it was not */
  readonly onBehalfOf?: CallerToken | undefined;
}
