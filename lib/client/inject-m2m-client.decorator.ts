import { Inject } from '@nestjs/common';
import type { M2MClientName } from '../options/m2m-names.js';

/**
 * The injection token of a named client's `M2MClientService`, to override it in tests.
 *
 * @param name a key of `client.clients` in the options
 */
export function getM2MClientToken(name: M2MClientName): string {
  // Nest's error shows it if nothing provides it, so it is the line to write.
  return `M2MModule.forFeature({ clients: ['${name}'] })`;
}

/**
 * Injects the `M2MClientService` of a named client, in a module that imports `M2MModule.forFeature({ clients: ['billing'] })`.
 *
 * @param name a key of `client.clients` in the options
 * @example constructor(@InjectM2MClient('billing') private readonly billing: M2MClientService) {}
 */
export function InjectM2MClient(name: M2MClientName): PropertyDecorator & ParameterDecorator {
  return Inject(getM2MClientToken(name));
}
