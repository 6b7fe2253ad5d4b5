import type { TokenExchange } from '../engine/dialect.js';
import type { ExchangeRequest } from '../engine/grant.js';
import { namedOrDefault, onlyGranted, requestedResources, requestedScopes } from '../engine/grant-rules.js';
import { repeated, single } from '../engine/received-request.js';
import {
  audienceOf,
  checkMayExchange,
  exchangeParameters,
  presentedToken,
  requestedType,
  requiredType,
  TOKEN_EXCHANGE,
  TokenType,
  type PresentedToken,
} from '../engine/token-exchange.js';

const TYPES = Object.values(TokenType);

/**
 * Delegation: the token stays the subject's, and `act` says who acts for it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2 RFC 8693, section 2}
 */
export const standardTokenExchange: TokenExchange = {
  grantType: TOKEN_EXCHANGE,
  asks: exchangeParameters,
  async grant(request) {
    const { client, parameters } = request;
    checkMayExchange(client);
    requiredType(request, 'subject_token_type', TYPES);
    const subject = await presentedToken(request, 'subject_token');
    const actor = await actorOf(request);
    const issuedType = requestedType(request, 'requested_token_type', TYPES) ?? TokenType.accessToken;
    const audience = namedOrDefault(request, [...requestedResources(request), ...repeated(parameters, 'audience')]);
    return {
      audience,
      scope: grantedScopes(request, audience, subject),
      subject: subject.sub,
      claims: { auth_time: subject['auth_time'], act: { sub: actor?.sub ?? client.id, act: subject['act'] } },
      notAfter: subject.exp,
      format: issuedType === TokenType.jwt ? 'jwt' : undefined,
      answer: { issued_token_type: issuedType },
    };
  },
};

/** `actor_token` and its type come together, or not at all. */
async function actorOf(request: ExchangeRequest): Promise<PresentedToken | undefined> {
  const { parameters } = request;
  const isThere = ['actor_token', 'actor_token_type'].some((name) => single(parameters, name) !== undefined);
  if (!isThere) return undefined;
  requiredType(request, 'actor_token_type', TYPES);
  return presentedToken(request, 'actor_token');
}

/** What the client may have there, and no more than the subject token if that is for the same resource. */
function grantedScopes(
  request: ExchangeRequest,
  resources: readonly string[],
  subject: PresentedToken,
): readonly string[] {
  const { client, registry } = request;
  const had = scopesOf(subject);
  const grantable = resources.flatMap((name) => {
    const own = registry.grantable(client, name);
    return audienceOf(subject).includes(name) ? own.filter((scope) => had.includes(scope)) : own;
  });
  const requested = requestedScopes(request);
  return requested.length === 0 ? [...new Set(grantable)] : onlyGranted(requested, grantable);
}

function scopesOf({ scope }: PresentedToken): readonly string[] {
  return typeof scope === 'string' ? scope.split(' ') : [];
}
