import { Injectable, type CanActivate, type Type } from '@nestjs/common';
import { BearerTokenGuard } from './bearer-token.guard.js';
import { machineOrUserGuard } from './machine-or-user.guard.js';

/**
 * Lets a request through if its access token is valid and its caller meets every condition of the route.
 *
 * It throws Nest's BadRequestException, UnauthorizedException, ForbiddenException or ServiceUnavailableException, with
 * the M2MError as `cause`, and refuses everything that is not HTTP.
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
   * Whenever a machine's token comes in a header, the URL, a form or JSON, percent-encoded or in Basic credentials too, the
   * conditions of the route hold, even beside a user's token, and it counts in `Authorization: Bearer` only. They hold for
   * every request with more than 100 tokens or levels of JSON, but not for users, where `@Caller()` is `undefined`. A
   * strategy for users that finds tokens elsewhere or otherwise, as in a file, encrypted, compressed or in pieces, has to
   * refuse those of machines itself.
   *
   * A strategy that calls passport's `pass()` lets nobody in.
   *
   * @param strategy its name, as registered with passport
   * @throws M2MConfigurationError without such a name
   * @example
   * @UseGuards(M2MGuard.or('user-jwt'))
   */
  static or(this: typeof M2MGuard, strategy: string): Type<CanActivate> {
    return machineOrUserGuard(this, strategy);
  }
}
