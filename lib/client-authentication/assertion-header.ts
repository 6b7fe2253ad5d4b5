import type { X509Certificate } from 'node:crypto';
import { classOf } from '../errors/class-of.js';
import { isObject } from '../validation/checks.js';
import { authenticationError, refusePromise } from './authentication-error.js';
import { thumbprintOf } from './certificate.js';

/** The header of an assertion (RFC 7515, section 4.1). */
export interface AssertionHeader {
  readonly alg: string;
  readonly [name: string]: unknown;
}

/** Further members of the header of an assertion. */
type FurtherHeader = Readonly<Record<string, unknown>>;

/** Further members, or the function that returns them for the certificate in use. */
export type HeaderOption = FurtherHeader | ((certificate: X509Certificate | undefined) => FurtherHeader);

/** Members that other options set, or that would change how the assertion is signed. */
const RESERVED = ['alg', 'kid', 'crit', 'b64'] as const;

/**
 * The header of the assertions that one key signs.
 *
 * @throws M2MConfigurationError if a further member would replace another one, or the function fails
 */
export function assertionHeader(
  alg: string,
  kid: string | undefined,
  certificate: X509Certificate | undefined,
  further: HeaderOption,
): AssertionHeader {
  const members: unknown = typeof further === 'function' ? callHeader(further, certificate) : further;
  checkHeader(members, certificate !== undefined);
  const thumbprint = certificate && { 'x5t#S256': thumbprintOf(certificate) };
  return Object.freeze({ alg, ...(kid !== undefined && { kid }), ...thumbprint, ...members });
}

/** Checks further members. @throws M2MConfigurationError */
export function checkHeader(members: unknown, hasCertificate: boolean): asserts members is FurtherHeader {
  refusePromise('header', members, "header: (certificate) => ({ typ: 'JWT' })");
  if (!isObject(members)) throw headerError(`is of the type ${typeof members}`, "header: { typ: 'JWT' }");
  const reserved = [...RESERVED, ...(hasCertificate ? ['x5t#S256'] : [])].filter((name) =>
    Object.hasOwn(members, name),
  );
  if (reserved.length === 0) return;
  const [first = ''] = reserved;
  const remedy = first === 'x5t#S256' ? 'cert alone, which sets it' : `no ${first} in header: alg and kid are options`;
  throw headerError(`may not set ${reserved.join(', ')}`, remedy);
}

/** Of what the function throws, only the class is shown. */
function callHeader(header: Exclude<HeaderOption, FurtherHeader>, certificate: X509Certificate | undefined): unknown {
  try {
    return header(certificate);
  } catch (error) {
    throw headerError(`is a function that failed with ${classOf(error)}`, "header: (certificate) => ({ typ: 'JWT' })");
  }
}

function headerError(problem: string, remedy: string): Error {
  return authenticationError('header', problem, remedy);
}
