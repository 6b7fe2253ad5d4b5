import type { TokenParameters } from '../authorization-servers/authorization-server.js';
import { requestedParameters } from '../options/requested-parameters.js';
import type { ResolvedTarget } from '../options/resolved-options.js';
import type { Clock } from '../time/clock.js';
import { abortable } from '../time/timeout.js';
import { memberOf } from '../validation/checks.js';
import type { OAuthClient } from './clients/oauth-client.js';
import { exchangeUse, refuseCaller } from './requests/token-choice.js';
import type { TokenRequest } from './token-request.js';
import type { TokenManager } from './tokens/token-manager.js';
import type { AccessToken } from './tokens/token/access-token.js';

/** What `getToken` takes beside the fields of `m2m`. */
export const MORE_NAMES = ['target', 'signal'];

/** A call of a client's token manager: with what its token is requested for, and the request itself. */
export type ManagerCall<T> = (
  manager: TokenManager,
  parameters: TokenParameters,
  request: TokenRequest | undefined,
) => Promise<T>;

/** Gets a token. */
export const getAccessToken: ManagerCall<AccessToken> = (manager, parameters, request) =>
  manager.getAccessToken(parameters, request);

/**
 * Calls the token manager that a request is for: that of the client's own tokens, or of those that come of exchanges.
 *
 * @throws M2MConfigurationError, NoCallerTokenError
 */
export function callManager<T>(
  client: OAuthClient,
  target: ResolvedTarget | undefined,
  request: TokenRequest | undefined,
  clock: Clock,
  call: ManagerCall<T>,
): Promise<T> {
  const usual = target ? client.parametersFor(target) : client.defaults;
  const parameters = request === undefined ? usual : requestedParameters(usual, request, MORE_NAMES);
  if (target?.tokenChoice === 'exchange') {
    const use = exchangeUse(client, target, parameters, request, clock);
    const inTime = abortable(use, request && memberOf(request, 'signal'));
    return inTime.then((found) => call(found.manager, found.parameters, request));
  }
  if (request !== undefined) refuseCaller(target, request);
  return call(client.manager, parameters, request);
}
