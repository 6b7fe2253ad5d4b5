import { addCondition } from '../condition-metadata.js';

/**
 * A caller needs one of these scopes. Of several such groups, on the class or the method, every one must hold.
 *
 * @example @RequireAnyScope('write:products', 'admin')
 */
export function RequireAnyScope(...scopes: string[]): ClassDecorator & MethodDecorator {
  return addCondition({ decorator: 'RequireAnyScope', scopes: Object.freeze(scopes) });
}
