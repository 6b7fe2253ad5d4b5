import { addCondition } from '../condition-metadata.js';

/**
 * No access token is needed, and one that comes is ignored. On a method it lifts the conditions of the class; a
 * condition on a method lifts a `@Public()` of the class.
 *
 * The start of the application stops with an M2MConfigurationError if it stands beside a condition on the same class or
 * method, on anything but a route, or on a class that handles messages.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export function Public(): ClassDecorator & MethodDecorator {
  return addCondition(Object.freeze({ decorator: 'Public' }));
}
