import { isLoopback } from '../../http/loopback.js';
import type { AuthorizationServerState } from './authorization-server-state.js';
import type { Answer, ReceivedRequest } from './received-request.js';

/**
 * The answer to a request that names another host than this one, if the server answers to its own names only: a page in a
 * browser may have made a name of its own lead here.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-15.5.20 RFC 9110, section 15.5.20}
 */
export function misdirected(
  { origin, loopbackHostsOnly }: AuthorizationServerState,
  { headers: { host } }: ReceivedRequest,
): Answer | undefined {
  if (!loopbackHostsOnly) return undefined;
  const own = new URL(origin);
  if (isOwnHost(own, host)) return undefined;
  const error_description = `this server answers to localhost and addresses of loopback with its port, as http://localhost:${own.port}; in a container, share its network: network_mode: host, or network_mode: service:NAME with the service that runs it`;
  return { status: 421, body: { error: 'invalid_request', error_description } };
}

function isOwnHost(own: URL, host = ''): boolean {
  const url = `${own.protocol}//${host}`;
  if (!URL.canParse(url)) return false;
  const named = new URL(url);
  // A text with more than host and port is another one.
  return isLoopback(named) && named.port === own.port && named.host === host.toLowerCase();
}
