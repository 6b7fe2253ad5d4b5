import type { Dialect, TokenExchange } from '../engine/dialect.js';
import { repeated } from '../engine/received-request.js';
import { Refusal } from '../engine/refusal.js';
import { isPublic } from '../engine/registry.js';
import {
  audienceOf,
  checkMayExchange,
  exchangeParameters,
  presentedToken,
  requestedType,
  requiredType,
  TOKEN_EXCHANGE,
  TokenType,
} from '../engine/token-exchange.js';

const TYPES = [TokenType.accessToken];

/**
 * Keycloak's standard token exchange: a token for the client must come in, and `audience` picks some of what the client's
 * own mappers give. `resource` and `actor_token` are ignored.
 *
 * @param own what the client would get for itself
 * @see {@link https://www.keycloak.org/securing-apps/token-exchange Keycloak: token exchange}
 */
export function keycloakTokenExchange(own: Dialect['grant']): TokenExchange {
  return {
    grantType: TOKEN_EXCHANGE,
    asks: exchangeParameters,
    async grant(request) {
      const { client, parameters, registry } = request;
      if (isPublic(client)) throw new Refusal('public_client', client.id);
      checkMayExchange(client);
      requiredType(request, 'subject_token_type', TYPES);
      const subject = await presentedToken(request, 'subject_token');
      requestedType(request, 'requested_token_type', TYPES);
      const named = repeated(parameters, 'audience');
      const unknown = named.find((name) => !registry.resources.includes(name) && !registry.find(name));
      if (unknown !== undefined) throw new Refusal('unknown_resource', unknown);
      const isOwn = subject['azp'] === client.id;
      if (!isOwn && !audienceOf(subject).includes(client.id)) throw new Refusal('not_for_client', client.id);
      const { audience, scope } = own(request);
      const unavailable = named.filter((name) => !audience.includes(name));
      if (unavailable.length > 0) throw new Refusal('resource_not_granted', unavailable.join(', '));
      const { auth_time, sid, preferred_username } = subject;
      return {
        audience: named.length > 0 ? named : audience,
        scope,
        subject: subject.sub,
        claims: { auth_time, sid, preferred_username },
        answer: { issued_token_type: TokenType.accessToken },
      };
    },
  };
}
