import { createHash } from 'node:crypto';
import { M2MConfigurationError } from '../errors/configuration.error.js';

/** An object with further members that nothing prints. */
export function hiding<Plain extends object, Hidden extends object>(
  plain: Plain,
  hidden: Hidden,
): Readonly<Plain & Hidden> {
  const descriptors = Object.entries(hidden).map(([name, value]) => [name, { value: value as unknown }]);
  return Object.freeze(
    Object.defineProperties({ ...plain }, Object.fromEntries(descriptors) as PropertyDescriptorMap),
  ) as Readonly<Plain & Hidden>;
}

/** A thumbprint. */
export function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('base64url');
}

/** What is wrong with an option of a client authentication. */
export function authenticationError(option: string, problem: string, remedy: string): M2MConfigurationError {
  return new M2MConfigurationError([{ option: `clientAuthentication.${option}`, problem, remedy }]);
}
