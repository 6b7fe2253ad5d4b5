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
  const claims = await state.tokens.read(await askedToken(state, request));
  return { status: 200, body: claims ? { active: true, token_type: 'Bearer', ...claims } : { active: false } };
}

/**
 * Ends a token.
 *
 * @throws Refusal
 * @see {@link https://www.rfc-editor.org/rfc/rfc7009#section-2 RFC 7009, section 2}
 */
export async function revocationEndpoint(state: AuthorizationServerState, request: ReceivedRequest): Promise<Answer> {
  state.tokens.revoke(await askedToken(state, request));
  return { status: 200, body: '' };
}

async function askedToken(state: AuthorizationServerState, request: ReceivedRequest): Promise<string> {
  const parameters = readParameters(request, state.dialect.bodies);
  await state.clientVerifier.verify(request, parameters, assertionAudiences(state, request));
  const token = single(parameters, 'token');
  if (token === undefined) throw new Refusal('missing_parameter', 'token');
  return token;
}
