import { addCondition } from '../condition-metadata.js';
import { checkScopes } from './check-arguments.js';

/**
 * A caller needs one of these scopes. Of several such groups, on the class or the method, every one must hold.
 *
 * A caller that has none gets a 403 with the scopes that the handler names.
 *
 * The start of the application stops with an M2MConfigurationError if it stands on anything but a route, beside `@Public()`,
 * without an M2MGuard before it, or if another decorator or an override takes it away.
 *
 * @example @RequireAnyScope('write:products', 'admin')
 * @throws M2MConfigurationError without scopes, and for a text that is not one scope
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export function RequireAnyScope<const S extends readonly string[]>(
  ...scopes: S extends readonly [] ? [never] : S
): ClassDecorator & MethodDecorator {
  return addCondition(Object.freeze({ decorator: 'RequireAnyScope', scopes: checkScopes('@RequireAnyScope', scopes) }));
}
