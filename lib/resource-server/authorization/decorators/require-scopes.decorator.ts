import { addCondition } from '../condition-metadata.js';
import { checkScopes } from './check-arguments.js';

/**
 * A caller needs every one of these scopes. Those of a class and of its method add up.
 *
 * A caller that lacks one gets a 403 with the scopes that the handler needs.
 *
 * The start of the application stops with an M2MConfigurationError if it stands on anything but a route, beside `@Public()`,
 * without an M2MGuard before it, or if another decorator or an override takes it away.
 *
 * @example @RequireScopes('read:products', 'read:prices')
 * @throws M2MConfigurationError without scopes, and for a text that is not one scope
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export function RequireScopes<const S extends readonly string[]>(
  ...scopes: S extends readonly [] ? [never] : S
): ClassDecorator & MethodDecorator {
  return addCondition(Object.freeze({ decorator: 'RequireScopes', scopes: checkScopes('@RequireScopes', scopes) }));
}
