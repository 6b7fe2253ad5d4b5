import { assertionAudiences, type AuthorizationServerState } from './authorization-server-state.js';
import { readParameters, single, type Answer, type ReceivedRequest } from './received-request.js';
import { Refusal } from './refusal.js';

/**
 * Says whether a token is valid, and what it holds.
 *
 * @throws Refusal
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2 RFC 7662, section 2}
 */
export async function introspectionEndpoint(
  state: AuthorizationServerState,
  request: ReceivedRequest,
): Promise<Answer> {
  const { dialect } = state;
  const { token, clientId } = await presentedToken(state, request);
  const claims = await state.tokens.read(token);
  if (!claims || dialect.mayIntrospect?.(clientId, claims) === false) return { status: 200, body: { active: false } };
  const answer = { active: true, token_type: 'Bearer', ...claims, ...dialect.introspected?.(claims) };
  return { status: 200, body: answer };
}

/**
 * Ends a token.
 *
 * @throws Refusal
 * @see {@link https://www.rfc-editor.org/rfc/rfc7009#section-2 RFC 7009, section 2}
 */
export async function revocationEndpoint(state: AuthorizationServerState, request: ReceivedRequest): Promise<Answer> {
  state.tokens.revoke((await presentedToken(state, request)).token);
  return { status: 200, body: '' };
}

async function presentedToken(
  state: AuthorizationServerState,
  request: ReceivedRequest,
): Promise<{ readonly token: string; readonly clientId: string }> {
  const parameters = readParameters(request, state.dialect.bodies);
  const { id: clientId } = await state.clientVerifier.verify(request, parameters, assertionAudiences(state, request));
  const token = single(parameters, 'token');
  if (token === undefined) throw new Refusal('missing_parameter', 'token');
  return { token, clientId };
}
