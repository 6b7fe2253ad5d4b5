import { Injectable, type CanActivate, type Type } from '@nestjs/common';
import { BearerTokenGuard } from './bearer-token.guard.js';
import { machineOrUserGuard, type M2MUserOptions } from './machine-or-user.guard.js';

/**
 * Lets a request through if its access token is valid and its caller meets every condition of the route.
 *
 * It throws Nest's BadRequestException, UnauthorizedException, ForbiddenException or ServiceUnavailableException, with
 * the M2MError as `cause`; in GraphQL an error with `extensions.code`. It refuses what is neither HTTP nor a transport that
 * the option `transports` names.
 *
 * @example
 * @UseGuards(M2MGuard)                            // a route or a controller
 * { provide: APP_GUARD, useExisting: M2MGuard }   // every route
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750 RFC 6750}
 */
@Injectable()
export class M2MGuard extends BearerTokenGuard {
  /**
   * A guard that takes a machine's token, or what another passport strategy accepts.
   *
   * The strategy gets a request without `Authorization`, one whose credentials hold no JWT of an accepted issuer, and one
   * with a well-formed Bearer JWT that is proven to be a user's. For all others the conditions of the route hold: for
   * credentials that are repeated, malformed or too long, for those of another scheme with a JWT of an accepted issuer, and
   * for such a JWT in a cookie, another header or the URL unless it is proven to be a user's. They do not hold for users,
   * where `@Caller()` is `undefined`.
   *
   * Bodies are not searched: a strategy that takes tokens from a body, a file, or encrypted, has to refuse those of machines
   * itself. A strategy that calls passport's `pass()` lets nobody in. In GraphQL it gets the request of the operation, or the
   * one that opened the WebSocket, with the `Authorization` of its parameters.
   *
   * The same arguments give the same class, so that `overrideGuard(M2MGuard.or('user-jwt'))` works.
   *
   * @param strategy its name, as registered with passport
   * @param options needed if an accepted issuer writes no claim for users only (Logto, Hydra, Spring, Zitadel)
   * @throws M2MConfigurationError without such a name
   * @example
   * @UseGuards(M2MGuard.or('user-jwt'))
   * @UseGuards(M2MGuard.or('user-jwt', { isUser: ({ client_id }) => client_id === 'spa' }))
   */
  static or(this: typeof M2MGuard, strategy: string, options?: M2MUserOptions): Type<CanActivate> {
    return machineOrUserGuard(this, strategy, options);
  }
}
