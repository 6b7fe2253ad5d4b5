import { createLocalJWKSet, jwtVerify } from 'jose';
import { errors } from 'oidc-provider';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

const PARAMETERS = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'audience',
  'resource',
  'scope',
];

/**
 * Adds token exchange (RFC 8693) to a provider, by `registerGrantType` of its documentation. A client may exchange tokens
 * whose audience is its own API. The claim `act` says who the actor is, if there is an actor token.
 *
 * @param setup.exchangers the API of each client that exchanges tokens
 * @param infoOf what the provider knows about a resource
 */
export function addTokenExchange(provider, { issuer, keys, resources, exchangers }, infoOf) {
  const keySet = createLocalJWKSet({ keys: keys.map(({ kty, n, e, kid, alg }) => ({ kty, n, e, kid, alg })) });

  /** Whom a token of this provider names. JWTs are not stored; opaque tokens are, until they are revoked. */
  const presented = async (kind, token, type) => {
    if (type !== ACCESS_TOKEN) throw new errors.InvalidRequest(`unsupported ${kind}_token_type`);
    const stored = (await provider.ClientCredentials.find(token)) ?? (await provider.AccessToken.find(token));
    if (stored?.isValid) return { sub: stored.accountId ?? stored.clientId, aud: stored.aud };
    const verified = await jwtVerify(token, keySet, { issuer, typ: 'at+jwt' }).catch(() => undefined);
    if (!verified) throw new errors.InvalidRequest(`invalid ${kind}_token`);
    return verified.payload;
  };

  const exchange = async (ctx) => {
    const { client, params, requestParamScopes } = ctx.oidc;
    const { actor_token: actorToken, requested_token_type: requestedType = ACCESS_TOKEN } = params;
    const subject = await presented('subject', params.subject_token, params.subject_token_type);
    const actor = actorToken && (await presented('actor', actorToken, params.actor_token_type));
    if (subject.aud !== exchangers[client.clientId]) {
      throw new errors.InvalidRequest('the subject_token is not for this client');
    }
    if (requestedType !== ACCESS_TOKEN) throw new errors.InvalidRequest('unsupported requested_token_type');
    const [target = '', ...others] = new Set([params.resource ?? [], params.audience ?? []].flat());
    if (others.length > 0 || !Object.hasOwn(resources, target)) throw new errors.InvalidTarget();
    const allowed = new Set(client.scope?.split(' '));
    for (const scope of requestParamScopes) {
      if (!allowed.has(scope)) throw new errors.InvalidScope('requested scope is not allowed', scope);
    }

    const resourceServer = new provider.ResourceServer(target, infoOf(target));
    const token = new provider.AccessToken({
      client,
      resourceServer,
      accountId: subject.sub,
      gty: 'token_exchange',
      scope: [...requestParamScopes].filter((scope) => resourceServer.scopes.has(scope)).join(' ') || undefined,
      extra: actor && { act: { sub: actor.sub } },
    });
    ctx.oidc.entity('AccessToken', token);
    ctx.body = {
      access_token: await token.save(),
      issued_token_type: ACCESS_TOKEN,
      token_type: token.tokenType,
      expires_in: token.expiration,
      scope: token.scope,
    };
  };
  provider.registerGrantType(TOKEN_EXCHANGE, exchange, PARAMETERS, ['audience', 'resource']);
}
