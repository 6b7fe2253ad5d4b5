import { Inject } from '@nestjs/common';
import type { M2MTargetName } from '../options/m2m-names.js';

/**
 * The injection token of a target's `HttpService`, to override it in tests.
 *
 * @param target a key of `client.targets` in the options
 */
export function getM2MHttpToken(target: M2MTargetName): string {
  // Nest's error shows it if nothing provides it, so it is the line to write.
  return `M2MModule.forFeature(['${target}'])`;
}

/**
 * Injects the `HttpService` of a target: its URL is the base URL, and its requests carry its token.
 * `M2MModule.forFeature([target])` provides it.
 *
 * @param target a key of `client.targets` in the options
 * @example constructor(@InjectM2MHttp('shop') private readonly shop: HttpService) {}
 */
export function InjectM2MHttp(target: M2MTargetName): PropertyDecorator & ParameterDecorator {
  return Inject(getM2MHttpToken(target));
}
