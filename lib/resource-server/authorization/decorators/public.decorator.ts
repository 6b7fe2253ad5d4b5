import { addCondition } from '../condition-metadata.js';

/**
 * No access token is needed, and one that comes is ignored. On a method it lifts the conditions of the class; a
 * condition on a method lifts a `@Public()` of the class. It counts for sockets, resolvers and handlers of other packages,
 * too, if a global guard stands before them.
 *
 * The start of the application stops with an M2MConfigurationError if it stands beside a condition on the same class or
 * method, or on a class that handles messages or is no controller.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export function Public(): ClassDecorator & MethodDecorator {
  return addCondition(Object.freeze({ decorator: 'Public' }));
}
