import { CallbackError } from '../../../errors/callback.error.js';
import type { M2MConfigurationError } from '../../../errors/configuration.error.js';
import { hasCode } from '../../../errors/has-code.js';
import { quotedList } from '../../../events/log-text.js';
import { resolveFoundIssuer } from '../../../options/resolve-trust.js';
import type { ResolvedIssuer, ResolvedIssuerResolver } from '../../../options/resolved-options.js';
import { callBack } from '../../../time/callback.js';
import type { Clock } from '../../../time/clock.js';

const OPTION = 'resourceServer.trust.resolve';

/** Milliseconds that the function may take. */
const TIMEOUT = 2000;

/**
 * Asks the function of the options for an issuer.
 *
 * @param isInOptions whether an issuer stands in the options: no answer can name such a one
 * @returns `undefined` if its tokens are not accepted
 * @throws CallbackError if the function fails, or answers what does not count
 */
export async function askResolver(
  issuer: string,
  resolver: ResolvedIssuerResolver,
  isInOptions: (issuer: string) => boolean,
  clock: Clock,
): Promise<ResolvedIssuer | undefined> {
  const call = async () => {
    const answer = await resolver.resolve(issuer);
    return answer === undefined || answer === null ? undefined : described(answer);
  };
  const found = await callBack(OPTION, call, TIMEOUT, clock);
  if (found === undefined) return undefined;
  if (hasCode(found, 'ERR_M2M_CONFIGURATION')) {
    const problems = found.problems.map(({ option, problem }) => `${option} ${problem}`).join('; ');
    throw new CallbackError(OPTION, `returned an issuer that cannot be accepted: ${problems}`);
  }
  const names = found.authorizationServer.acceptedIssuers;
  if (!names.includes(issuer)) {
    throw new CallbackError(OPTION, `returned ${quotedList(names)}, another issuer than it was asked for`);
  }
  if (names.some(isInOptions)) throw new CallbackError(OPTION, 'returned an issuer that stands in the options');
  return found;
}

/** Getters of an answer may throw, too. */
function described(answer: unknown): ResolvedIssuer | M2MConfigurationError {
  try {
    return resolveFoundIssuer(answer);
  } catch (error) {
    if (hasCode(error, 'ERR_M2M_CONFIGURATION')) return error;
    throw error;
  }
}
