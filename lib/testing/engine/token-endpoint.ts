import { assertionAudiences, issuerOf, type AuthorizationServerState } from './authorization-server-state.js';
import { readParameters, single, type Answer, type ReceivedRequest } from './received-request.js';
import { Refusal } from './refusal.js';

const NOT_STORED = { 'cache-control': 'no-store', pragma: 'no-cache' };

/**
 * The client credentials grant.
 *
 * @throws Refusal
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 RFC 6749, section 4.4}
 */
export async function tokenEndpoint(state: AuthorizationServerState, request: ReceivedRequest): Promise<Answer> {
  const { dialect, registry, clientVerifier, tokens, quotas } = state;
  const parameters = readParameters(request, dialect.bodies);
  const grantType = single(parameters, 'grant_type');
  if (grantType === undefined) throw new Refusal('missing_parameter', 'grant_type');
  const client = await clientVerifier.verify(request, parameters, assertionAudiences(state, request));
  if (grantType !== 'client_credentials') throw new Refusal('unsupported_grant_type', grantType);

  const access = dialect.grant({ parameters, client, registry });
  const quota = quotas.use(client);
  const { token, accessToken } = await tokens.issue({ ...access, client, issuer: issuerOf(state, request) });
  return {
    status: 200,
    headers: { ...NOT_STORED, ...quota },
    body: dialect.response(token, accessToken),
  };
}
