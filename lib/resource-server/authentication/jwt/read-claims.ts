import type { CallerClaims, CallerKind, Claims } from '../../../authorization-servers/authorization-server.js';
import { M2MConfigurationError } from '../../../errors/configuration.error.js';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import { isM2MError } from '../../../errors/m2m.error.js';
import type { ResolvedIssuer } from '../../../options/resolved-options.js';
import { isObject } from '../../../validation/checks.js';

const kinds: readonly CallerKind[] = ['machine', 'user', 'unknown'];

/**
 * What a token says in the words of its authorization server, whose functions may be written by hand.
 *
 * @throws InvalidTokenError if the server's own checks do not hold
 * @throws M2MConfigurationError if its functions do not do what they should: no token gets by them
 */
export function readCallerClaims(
  claims: Claims,
  { authorizationServer: server, audience }: ResolvedIssuer,
): CallerClaims {
  try {
    const checked: unknown = server.checkClaims?.(claims);
    if (checked !== undefined) throw unusable('checkClaims', checked, 'checkClaims(claims) { ... }, which throws');
    const caller: unknown = server.readClaims(claims, audience ?? []);
    if (isCallerClaims(caller)) return caller;
    throw unusable('readClaims', caller, "return { clientId, scopes: ['...'], audience: ['...'], kind: 'machine' }");
  } catch (error) {
    if (isM2MError(error)) throw error;
    throw new InvalidTokenError('claims', `${server.name} could not read the claims`, { cause: error });
  }
}

function isCallerClaims(value: unknown): value is CallerClaims {
  if (!isObject(value)) return false;
  const { scopes, audience, kind } = value;
  return isTexts(scopes) && isTexts(audience) && kinds.some((known) => known === kind);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function unusable(name: 'checkClaims' | 'readClaims', returned: unknown, remedy: string): M2MConfigurationError {
  const isPromise = returned instanceof Promise;
  // Nobody waits for it, and a rejection that nobody hears ends the process.
  if (isPromise) returned.catch(() => undefined);
  const problem = isPromise ? 'returned a promise, and is not waited for' : 'returned something else than it should';
  return new M2MConfigurationError([{ option: `authorizationServer.${name}`, problem, remedy }]);
}
