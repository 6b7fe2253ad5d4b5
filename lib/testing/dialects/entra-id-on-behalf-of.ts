import type { Dialect, TokenExchange } from '../engine/dialect.js';
import type { ExchangeRequest } from '../engine/grant.js';
import { single } from '../engine/received-request.js';
import { Refusal } from '../engine/refusal.js';
import { audienceOf, checkMayExchange, presentedToken } from '../engine/token-exchange.js';

/**
 * Entra ID's on-behalf-of flow: for users' tokens that are for the client's own API.
 *
 * @param own what the client would get for itself
 * @see {@link https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow Entra ID: on-behalf-of flow}
 */
export function entraIdOnBehalfOf(own: Dialect['grant']): TokenExchange {
  return {
    grantType: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    asks: (token, resource) => ({
      requested_token_use: 'on_behalf_of',
      assertion: token,
      scope: `${resource}/.default`,
    }),
    async grant(request) {
      const { client, parameters } = request;
      const use = single(parameters, 'requested_token_use');
      if (use === undefined) throw new Refusal('missing_parameter', 'requested_token_use');
      if (use !== 'on_behalf_of') throw new Refusal('unsupported_grant_type', use);
      const assertion = await presentedToken(request, 'assertion');
      const isForClient = audienceOf(assertion).some((name) => apisOf(request).includes(name));
      if (!isForClient) throw new Refusal('not_for_client', client.id);
      if (typeof assertion['scp'] !== 'string') throw new Refusal('no_user', client.id);
      checkMayExchange(client);
      const { audience, scope } = own(request);
      const consented = audience.flatMap((api) => scope.map((name) => `${api}/${name}`));
      return { audience, scope, subject: String(assertion['oid']), answer: { scope: consented.join(' ') } };
    },
  };
}

/** A client is the API that has its id, plain or as `api://<id>`. If there is none, it is the first API. */
function apisOf({ client, registry }: ExchangeRequest): readonly string[] {
  const named = registry.resources.filter((name) => name === client.id || name === `api://${client.id}`);
  return named.length > 0 ? named : [registry.firstResource];
}
