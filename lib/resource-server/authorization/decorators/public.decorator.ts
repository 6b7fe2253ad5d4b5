import { addCondition } from '../condition-metadata.js';

/**
 * No access token is needed, and one that comes is ignored. On a method it lifts the conditions of the class; a
 * condition on a method lifts a `@Public()` of the class.
 *
 * @throws M2MConfigurationError at start: beside a condition on the same class or method, and on anything but a route
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export function Public(): ClassDecorator & MethodDecorator {
  return addCondition({ decorator: 'Public' });
}
