import { X509Certificate } from 'node:crypto';
import { globalAgent } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { InternalAxiosRequestConfig } from 'axios';
import { decodeJwt } from 'jose';
import { thumbprintOf } from '../../client-authentication/certificate.js';
import { presentsCertificate } from '../../http/client-certificate.js';

/**
 * Whether a token is bound to a client certificate that the connections of a request do not present. Tokens that cannot be
 * read, and agents that hide their certificate, get the benefit of the doubt.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-3.1 RFC 8705, section 3.1}
 */
export function lacksCertificate(token: string, { httpsAgent }: InternalAxiosRequestConfig): boolean {
  const thumbprint = boundTo(token);
  if (thumbprint === undefined) return false;
  const agent = (httpsAgent ?? globalAgent) as typeof globalAgent;
  if (!presentsCertificate(agent)) return true;
  const { cert, pfx } = (agent.options ?? {}) as SecureContextOptions;
  const isReadable = (typeof cert === 'string' || Buffer.isBuffer(cert)) && !pfx;
  const presented = isReadable ? presentedBy(cert) : undefined;
  return presented !== undefined && presented !== thumbprint;
}

function boundTo(token: string): string | undefined {
  try {
    const { cnf } = decodeJwt<{ cnf?: Readonly<Record<string, unknown>> }>(token);
    const thumbprint = cnf?.['x5t#S256'];
    return typeof thumbprint === 'string' ? thumbprint : undefined;
  } catch {
    return undefined;
  }
}

function presentedBy(cert: string | Buffer): string | undefined {
  try {
    return thumbprintOf(new X509Certificate(cert));
  } catch {
    return undefined;
  }
}
