import type { TokenParameters } from '../authorization-servers/authorization-server.js';
import { Problems } from '../validation/problems.js';

/** Which token `accessTokenProvider` is asked for. */
export interface M2MAccessTokenRequest {
  /** The API that the token is for. */
  readonly audience: string | undefined;
  /** The APIs that the token is for, sorted; empty if none is requested. */
  readonly resource: readonly string[];
  /** The scopes, sorted; empty if none is requested. */
  readonly scope: readonly string[];
  /** Aborted when the time for the token is over. Give it to `fetch`. */
  readonly signal: AbortSignal;
}

/** What `accessTokenProvider` returns. */
export interface M2MProvidedToken {
  /** The token, of at most 65,536 characters. */
  readonly accessToken: string;
  /**
   * Seconds until it expires, as a number or as the text of one. A JWT that expires earlier is used until then.
   * @default what a JWT says, by the clock of this process, else 300
   */
  readonly expiresIn?: number | string | undefined;
  /** `Bearer`: tokens of other types are refused. @default 'Bearer' */
  readonly tokenType?: string | undefined;
}

/**
 * Gets a token in place of an authorization server. It makes the request itself, may take `timeout` with all attempts,
 * and is called once at a time for each token, beside a call
 * that goes on after its signal is aborted.
 *
 * @throws anything: of errors that are not of this package, only the name of the class is shown
 */
export type M2MAccessTokenProvider = (request: M2MAccessTokenRequest) => M2MProvidedToken | Promise<M2MProvidedToken>;

/** The rules of a token request to `accessTokenProvider`, in the place of those of an authorization server. */
export const PROVIDER_RULES = Object.freeze({
  /** @throws M2MConfigurationError for what the function does not get */
  tokenParameters({ audience, resource, scope, organization, parameters }: TokenParameters): Record<string, unknown> {
    const problems = new Problems();
    const refuse = (name: string): void =>
      problems.add(
        name,
        'is not passed to accessTokenProvider',
        'audience, resource or scope, which the function gets',
      );
    if (organization !== undefined) refuse('organization');
    if (Object.keys(parameters).length > 0) refuse('parameters');
    problems.throwIfAny();
    return { audience, resource, scope };
  },
});

/** The rules of a client's token requests: those of its authorization server, or of its function. */
export function rulesOf<Rules>(client: {
  readonly accessTokenProvider: M2MAccessTokenProvider | undefined;
  readonly authorizationServer: Rules;
}): Rules | typeof PROVIDER_RULES {
  return client.accessTokenProvider ? PROVIDER_RULES : client.authorizationServer;
}
