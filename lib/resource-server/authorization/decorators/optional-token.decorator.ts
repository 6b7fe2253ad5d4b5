import { addCondition } from '../condition-metadata.js';

/**
 * A request without any credentials is let in, and `@Caller()` is then `undefined`. Every other request needs a good token
 * as elsewhere: a bad one is a 401, and one whose keys cannot be had is a 503.
 *
 * Credentials are an `Authorization` header, a `DPoP` header, and an `access_token` in the query or in a form.
 *
 * The start of the application stops with an M2MConfigurationError if it stands on anything but a route, beside another
 * condition or `@Public()` on the method or its class, without an M2MGuard before it, or with `M2MGuard.or` before it.
 *
 * @example
 * @OptionalToken()
 * @Get('prices')
 * prices(@Caller() caller: M2MCaller | undefined) {}
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2 RFC 6750, section 2}
 */
export function OptionalToken(): ClassDecorator & MethodDecorator {
  return addCondition(Object.freeze({ decorator: 'OptionalToken' }));
}
