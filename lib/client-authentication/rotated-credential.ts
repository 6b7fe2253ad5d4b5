import type { CredentialOption } from './credential-option.js';
import type { ConfigurationProblem } from '../errors/configuration.error.js';
import { optionName } from '../validation/option-path.js';
import { inTermsOf } from '../validation/problems.js';
import { isRotated, readMembers, type RotatableMembers } from './rotatable.js';

/** A key or certificate with what belongs to it. */
interface Identified {
  /** Tells it from others. */
  readonly fingerprint: string;
  /** SHA-256 of the public part, base64url. */
  readonly thumbprint: string;
}

/**
 * The option that holds a key or certificate. What no function returns is checked now, and never again.
 *
 * @param owner the factory that took the members, for messages
 * @param parse makes the credential of the members. Its second parameter is the time, in milliseconds since the epoch
 * @throws M2MConfigurationError if the members are fixed, and make no credential
 */
export function rotatedCredential<Members extends object, Credential extends Identified>(
  owner: string,
  members: RotatableMembers<Members>,
  parse: (members: Members, now: number) => Credential,
): { readonly option: CredentialOption<Credential>; readonly fixed: Credential | undefined } {
  const common = {
    name: owner,
    thumbprint: ({ thumbprint }: Credential): string => thumbprint,
    fingerprint: ({ fingerprint }: Credential): string => fingerprint,
  };
  if (isRotated(members)) {
    const option = {
      ...common,
      hasParts: true,
      read: () => readMembers<Members>(owner, members),
      parse: (value: unknown, now: number) => inTermsOf(ofFunctions(members), () => parse(value as Members, now)),
    };
    return { option: Object.freeze(option), fixed: undefined };
  }
  const fixed = parse(members as Members, Date.now());
  const option = { ...common, hasParts: false, read: () => Promise.resolve(), parse: () => fixed };
  return { option: Object.freeze(option), fixed };
}

/** Says of a function what is wrong with what it returned. */
function ofFunctions(members: object): (problem: ConfigurationProblem) => ConfigurationProblem {
  return ({ option, problem, remedy, ...others }) => {
    const name = optionName(option);
    if (typeof (members as Readonly<Record<string, unknown>>)[name] !== 'function') {
      return { ...others, option, problem, remedy };
    }
    const line = remedy.replace(new RegExp(`^${name}: `), `${name}: () => `);
    return { ...others, option, problem: `is a function whose result ${problem}`, remedy: line };
  };
}
