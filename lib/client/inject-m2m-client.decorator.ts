import { Inject } from '@nestjs/common';

/** The injection token of a named client's `M2MClientService`, to override it in tests. */
export function getM2MClientToken(name: string): string {
  // Where it is not provided, Nest's error shows it: it is what to import.
  return `M2MModule.forFeature([], ['${name}'])`;
}

/**
 * Injects the `M2MClientService` of a named client, in a module that imports `M2MModule.forFeature([], ['billing'])`.
 *
 * @example constructor(@InjectM2MClient('billing') private readonly billing: M2MClientService) {}
 */
export function InjectM2MClient(name: string): PropertyDecorator & ParameterDecorator {
  return Inject(getM2MClientToken(name));
}
