import { X509Certificate } from 'node:crypto';
import type { MutualTls } from './client-authentication.js';
import { hiding, authenticationError, sha256 } from './client-keys.js';

/**
 * The client shows its certificate when it connects. Tokens may be bound to it (`cnf`), so they never leave this
 * process's memory. The endpoint's mTLS alias is used where the server's metadata has one.
 *
 * @param options.cert PEM, with the chain
 * @param options.key PEM
 * @param options.passphrase of the key, where it is encrypted
 * @param options.ca PEM: who may have signed the server's certificate. Default: the authorities that Node knows
 * @throws M2MConfigurationError where the certificate cannot be read
 * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-2 RFC 8705, section 2}
 */
export function mutualTls(options: {
  cert: string | Buffer;
  key: string | Buffer;
  passphrase?: string;
  ca?: string | Buffer;
}): MutualTls {
  const { cert, key, passphrase, ca } = options;
  const plain = { method: 'tls_client_auth', cert, ca, thumbprint: sha256(certificate(cert).raw) } as const;
  return hiding(plain, { key, passphrase });
}

function certificate(cert: string | Buffer): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch {
    throw authenticationError('cert', 'is no certificate that can be read', "cert: readFileSync('client.pem', 'utf8')");
  }
}
