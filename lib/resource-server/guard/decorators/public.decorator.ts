import { addCondition } from '../condition-metadata.js';

/**
 * No access token is needed, and one that comes is ignored. On a method it lifts the conditions of the class; a
 * condition on a method lifts a `@Public()` of the class.
 */
export function Public(): ClassDecorator & MethodDecorator {
  return addCondition({ decorator: 'Public' });
}
