import { addCondition } from '../condition-metadata.js';

/**
 * A caller needs one of these scopes. Of several such groups, on the class or the method, every one must hold.
 *
 * Whoever has none is answered with 403 and the scopes that the route names.
 *
 * @example @RequireAnyScope('write:products', 'admin')
 * @throws M2MConfigurationError at start: without scopes, with a text that is not one scope, on anything but a route, beside `@Public()`,
 *   without an M2MGuard before it, and where another decorator or an override takes it away
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export function RequireAnyScope(...scopes: string[]): ClassDecorator & MethodDecorator {
  return addCondition({ decorator: 'RequireAnyScope', scopes: Object.freeze(scopes) });
}
