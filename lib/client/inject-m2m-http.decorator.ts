import { Inject } from '@nestjs/common';

/** The injection token of a target's `HttpService`, to override it in tests. */
export function getM2MHttpToken(target: string): string {
  // Where it is not provided, Nest's error shows it: it is what to import.
  return `M2MModule.forFeature(['${target}'])`;
}

/**
 * Injects the `HttpService` of a target: its URL is the base URL, and its requests carry its token.
 * `M2MModule.forFeature([target])` provides it.
 *
 * @example constructor(@InjectM2MHttp('shop') private readonly shop: HttpService) {}
 */
export function InjectM2MHttp(target: string): PropertyDecorator & ParameterDecorator {
  return Inject(getM2MHttpToken(target));
}
