import { addCondition } from '../condition-metadata.js';
import { checkAudience } from './check-arguments.js';

/**
 * A token must be for this audience, one of those that `resourceServer.audience` lists: for a process that serves several
 * APIs. Of class and method both must hold. A trusted issuer's token counts for the audiences of its own entry in `trust`.
 *
 * A token for another audience gets a 401 (`invalid_token`), as one for another API does. The caller's own client id in
 * `aud` does not count, since some servers put it into every token.
 *
 * The start of the application stops with an M2MConfigurationError if it stands on anything but a route, beside `@Public()`
 * or `@OptionalToken()`, without an M2MGuard before it, if another decorator or an override takes it away, or if no issuer's
 * `audience` lists it.
 *
 * @example @RequireAudience('https://admin-api')
 * @throws M2MConfigurationError for anything but one audience
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}, {@link https://www.rfc-editor.org/rfc/rfc9068#section-4 RFC 9068, section 4}
 */
export function RequireAudience(...audience: readonly [audience: string]): ClassDecorator & MethodDecorator {
  return addCondition(Object.freeze({ decorator: 'RequireAudience', audience: checkAudience(audience) }));
}
