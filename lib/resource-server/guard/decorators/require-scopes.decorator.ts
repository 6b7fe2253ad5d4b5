import { addCondition } from '../condition-metadata.js';

/**
 * A caller needs every one of these scopes. Those of a class and of its method add up.
 *
 * @example @RequireScopes('read:products', 'read:prices')
 */
export function RequireScopes(...scopes: string[]): ClassDecorator & MethodDecorator {
  return addCondition({ decorator: 'RequireScopes', scopes: Object.freeze(scopes) });
}
