import { assertionAudiences, issuerOf, type AuthorizationServerState } from './authorization-server-state.js';
import type { ExchangedAccess, GrantedAccess, GrantRequest } from './grant.js';
import { readParameters, single, type Answer, type ReceivedRequest } from './received-request.js';
import { Refusal } from './refusal.js';

const NOT_STORED = { 'cache-control': 'no-store', pragma: 'no-cache' };

/**
 * The client credentials grant and, if the product has it, token exchange.
 *
 * @throws Refusal
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 RFC 6749, section 4.4}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2 RFC 8693, section 2}
 */
export async function tokenEndpoint(state: AuthorizationServerState, request: ReceivedRequest): Promise<Answer> {
  const { dialect, registry, clientVerifier, tokens, quotas } = state;
  const parameters = readParameters(request, dialect.bodies);
  const grantType = single(parameters, 'grant_type');
  if (grantType === undefined) throw new Refusal('missing_parameter', 'grant_type');
  const client = await clientVerifier.verify(request, parameters, assertionAudiences(state, request));

  const { answer, subject, ...access } = await accessBy(state, grantType, { parameters, client, registry });
  const quota = quotas.use(client);
  const { token, accessToken } = await tokens.issue({
    ...access,
    // What a test says of the client comes last.
    claims: { ...access.claims, ...client.claims },
    user: subject,
    client,
    issuer: issuerOf(state, request),
  });
  return {
    status: 200,
    headers: { ...NOT_STORED, ...quota },
    body: { ...dialect.response(token, accessToken), ...answer },
  };
}

async function accessBy(
  { dialect, tokens }: AuthorizationServerState,
  grantType: string,
  request: GrantRequest,
): Promise<GrantedAccess & Partial<ExchangedAccess>> {
  if (grantType === 'client_credentials') return dialect.grant(request);
  if (grantType !== dialect.exchange?.grantType) throw new Refusal('unsupported_grant_type', grantType);
  return dialect.exchange.grant({ ...request, read: (token) => tokens.read(token) });
}
