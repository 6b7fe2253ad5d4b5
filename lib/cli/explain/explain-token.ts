import type { Claims } from '../../authorization-servers/authorization-server.js';
import type { M2MCaller } from '../../caller/m2m-caller.js';
import { parseCompactJws, parseHeader, type CompactJws } from '../../resource-server/authentication/jwt/compact-jws.js';
import { authorizeCaller } from '../../resource-server/authorization/authorize-caller.js';
import { tokenOf } from '../../resource-server/transports/bearer-credentials.js';
import { refusalOf, type Refusal } from '../../resource-server/transports/refusal.js';
import type { M2MModuleOptions } from '../../options/module-options.js';
import { wrong, type Check } from '../checks/check.js';
import { openGuard, type OpenGuard } from './open-guard.js';
import { remedyFor, type SeenToken } from './remedies.js';
import { shownMembers, type Hide } from './shown-members.js';
import { checkToken, conditionsOf, refused } from './token-checks.js';

/** What M2MGuard would do with a token, and why. */
export interface Explanation {
  /** The answer of the guard; `undefined` if it lets the caller in. */
  readonly refusal: Refusal | undefined;
  readonly checks: readonly Check[];
  /** `undefined` if the token is no JWT. */
  readonly token: ShownToken | undefined;
}

/** What a token says of itself, unverified, without its signature. */
export interface ShownToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Claims;
}

/** The API that a token is for. */
export interface ExplainedApi {
  /** The options of the API. */
  readonly options: M2MModuleOptions;
  /** The product, as `M2M_PROVIDER` names it. */
  readonly provider: string;
  /** The scopes that the handler needs. */
  readonly scopes: readonly string[];
}

/**
 * Tells what M2MGuard would do with a token. Keys are asked for at issuers of the options only.
 *
 * @throws M2MConfigurationError for options that M2MModule would refuse
 */
export async function explainToken(token: string, { options, provider, scopes }: ExplainedApi): Promise<Explanation> {
  using guard = openGuard(options);
  const issuer = guard.options.primary;
  const seen = { header: {}, claims: {}, provider, audience: issuer?.audience ?? [], clients: issuer?.allowedClients };
  const context = { ...seen, scopes };
  const refusal = await decide(token, guard, scopes);
  const jws = parsed(token);
  if (!jws) return { refusal, checks: [refused('format', refusal?.cause, context)], token: undefined };
  const { claims } = jws.jws;
  const checks = await checkToken({ ...context, ...jws, claims }, guard);
  return { refusal, checks: withDecision(checks, refusal, { ...context, ...jws, claims }), token: shownToken(token) };
}

/** The guard's own decision. @returns its answer, if it refuses */
async function decide(
  token: string,
  { verifier, options }: OpenGuard,
  scopes: readonly string[],
): Promise<Refusal | undefined> {
  try {
    const caller: M2MCaller = await verifier.verify(tokenOf(token));
    authorizeCaller(caller, conditionsOf(scopes));
    return undefined;
  } catch (error) {
    const refusal = refusalOf(error, options, scopes.join(' '));
    if (refusal) return refusal;
    throw error;
  }
}

/** `undefined` for a text that is no JWT. */
export function shownToken(token: string, hide?: Hide): ShownToken | undefined {
  const read = parsed(token);
  return read && { header: shownMembers(read.header, hide), claims: shownMembers(read.jws.claims, hide) };
}

function parsed(token: string): { jws: CompactJws; header: Readonly<Record<string, unknown>> } | undefined {
  try {
    const jws = parseCompactJws(token);
    return { jws, header: parseHeader(jws.encodedHeader) };
  } catch {
    return undefined;
  }
}

/** The guard has the last word. */
function withDecision(checks: readonly Check[], refusal: Refusal | undefined, token: SeenToken): readonly Check[] {
  if (!refusal || checks.some(({ result }) => result === 'wrong')) return checks;
  return [...checks, wrong('decision', refusal.cause.message, remedyFor(refusal.cause, token))];
}
