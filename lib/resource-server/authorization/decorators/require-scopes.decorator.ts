import { addCondition } from '../condition-metadata.js';

/**
 * A caller needs every one of these scopes. Those of a class and of its method add up.
 *
 * Whoever lacks one is answered with 403 and the scopes that the route needs.
 *
 * @example @RequireScopes('read:products', 'read:prices')
 * @throws M2MConfigurationError at start: without scopes, with a text that is not one scope, on anything but a route, beside `@Public()`,
 *   without an M2MGuard before it, and where another decorator or an override takes it away
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export function RequireScopes(...scopes: string[]): ClassDecorator & MethodDecorator {
  return addCondition({ decorator: 'RequireScopes', scopes: Object.freeze(scopes) });
}
