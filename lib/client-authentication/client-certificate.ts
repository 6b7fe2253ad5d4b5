import { Agent } from 'node:https';
import type { ClientAuthentication } from './client-authentication.js';

/** The agent that shows the client's certificate, where the client has one. */
export function certificateAgent(authentication: ClientAuthentication): Agent | undefined {
  if (authentication.method !== 'tls_client_auth') return undefined;
  const { cert, key, passphrase, ca } = authentication;
  return new Agent({ keepAlive: true, cert, key, passphrase, ca });
}
