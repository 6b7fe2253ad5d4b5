import type { ResolvedClient } from '../../options/resolved-options.js';
import { ClientTokenSource } from './client-token-source.js';
import type { TokenSource } from './token-source.js';
import type { TokenSupplyDependencies } from './supply/token-supply.js';

/** Makes the source of one OAuth client's tokens. */
export function createTokenSource(client: ResolvedClient, dependencies: TokenSupplyDependencies): TokenSource {
  return new ClientTokenSource(client, dependencies);
}
