import https, { type Agent } from 'node:https';
import type { SecureContextOptions } from 'node:tls';

/**
 * Whether connections of an agent may show a client certificate. One that hides its options may.
 *
 * @param agent `undefined`: Node's global agent
 */
export function presentsCertificate(agent: Agent = https.globalAgent): boolean {
  const { options } = agent as { options?: SecureContextOptions & { secureContext?: unknown } };
  if (typeof options !== 'object') return true;
  const { cert, key, pfx, secureContext } = options;
  return [cert, key, pfx, secureContext].some((option) => option !== undefined && option !== null);
}
