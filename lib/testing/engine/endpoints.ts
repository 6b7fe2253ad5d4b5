import type { TestEndpoint } from '../options/test-authorization-server-options.js';
import type { AuthorizationServerState } from './authorization-server-state.js';
import { keySetEndpoint, metadataEndpoint } from './metadata.js';
import { misdirected } from './misdirected.js';
import type { Answer, ReceivedRequest } from './received-request.js';
import { Refusal } from './refusal.js';
import { tokenEndpoint } from './token-endpoint.js';
import { introspectionEndpoint, revocationEndpoint } from './token-status-endpoints.js';

type Endpoint = (state: AuthorizationServerState, request: ReceivedRequest) => Answer | Promise<Answer>;

const endpoints: Readonly<Record<TestEndpoint, { readonly method: string; readonly answer: Endpoint }>> = {
  token: { method: 'POST', answer: tokenEndpoint },
  keys: { method: 'GET', answer: keySetEndpoint },
  discovery: { method: 'GET', answer: metadataEndpoint },
  introspection: { method: 'POST', answer: introspectionEndpoint },
  revocation: { method: 'POST', answer: revocationEndpoint },
};

/** Which endpoint is at a path, if any. */
export function endpointAt({ dialect }: AuthorizationServerState, path: string): TestEndpoint | undefined {
  const { discovery, ...others } = dialect.paths;
  if (discovery.includes(path)) return 'discovery';
  return (Object.keys(others) as (keyof typeof others)[]).find((name) => others[name] === path);
}

/** Answers a request as the product does, refusals included. */
export async function answer(
  state: AuthorizationServerState,
  name: TestEndpoint | undefined,
  request: ReceivedRequest,
): Promise<Answer> {
  const refused = misdirected(state, request);
  if (refused) return refused;
  if (name === undefined) return { status: 404, body: '' };
  const endpoint = endpoints[name];
  if (request.method !== endpoint.method) return { status: 405, headers: { allow: endpoint.method }, body: '' };
  try {
    return await endpoint.answer(state, request);
  } catch (error) {
    if (error instanceof Refusal) return refuse(state, error);
    // A mistake in the test's own options, such as a claim that is no JSON.
    return { status: 500, body: { error: 'server_error', error_description: String(error) } };
  }
}

function refuse({ dialect, clock }: AuthorizationServerState, refusal: Refusal): Answer {
  const said = dialect.refusals[refusal.reason](refusal.detail);
  const { challenge } = dialect.clientAuthentication;
  return {
    status: said.status,
    headers: { ...refusal.headers, ...(said.status === 401 && challenge && { 'www-authenticate': challenge }) },
    body: dialect.refusalBody(said, new Date(clock.wall())),
  };
}
