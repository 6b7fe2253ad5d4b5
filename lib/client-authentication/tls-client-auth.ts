import { hash, X509Certificate } from 'node:crypto';
import { None } from 'oauth4webapi';
import { agentWithCertificate } from './agent-with-certificate.js';
import { authenticationError, refusePath } from './authentication-error.js';
import { defineAuthenticator } from './client-authenticator.js';
import { withHidden } from './hidden-members.js';

/** {@link mutualTls} */
export interface MutualTls {
  /** The name of the method in the IANA registry (`token_endpoint_auth_methods_supported`). */
  readonly method: 'tls_client_auth';
  /** PEM, with the chain. */
  readonly cert: string | Buffer;
  /** PEM. Not enumerable. */
  readonly key: string | Buffer;
  /** Of an encrypted key. Not enumerable. */
  readonly passphrase: string | undefined;
  /** PEM: authorities that may have signed the server's certificate. `undefined`: those that Node knows. */
  readonly ca: string | Buffer | undefined;
  /** SHA-256 of the certificate, base64url (`x5t#S256` in RFC 8705, section 3.1). */
  readonly thumbprint: string;
}

/**
 * The client shows its certificate when it connects. Tokens may be bound to it (`cnf`), so they never leave this
 * process's memory. If the server's metadata has an mTLS alias of the endpoint, that is used.
 *
 * @param options.cert PEM, with the chain
 * @param options.key PEM
 * @param options.passphrase of the key, if it is encrypted
 * @param options.ca PEM: who may have signed the server's certificate. Default: those of `http.httpsAgent`, or else those
 * that Node knows
 * @throws M2MConfigurationError if the certificate cannot be read, or a path is given instead of a PEM
 * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-2 RFC 8705, section 2}
 */
export function mutualTls(options: {
  cert: string | Buffer;
  key: string | Buffer;
  passphrase?: string;
  ca?: string | Buffer;
}): MutualTls {
  const { cert, key, passphrase, ca } = options;
  refusePath('cert', cert);
  refusePath('key', key);
  refusePath('ca', ca);
  const thumbprint = hash('sha256', certificate(cert).raw, 'base64url');
  return withHidden({ method: 'tls_client_auth', cert, ca, thumbprint } as const, { key, passphrase });
}

/** `tls_client_auth`. The certificate goes with the connection; the request names the client only. */
export const tlsClientAuthenticator = defineAuthenticator<MutualTls>({
  method: 'tls_client_auth',
  example: 'mutualTls({ cert, key })',
  needsSecret: false,
  sharesTokens: false,
  sharesFailures: true,
  thumbprint: ({ thumbprint }) => thumbprint,
  httpsAgent: agentWithCertificate,
  authenticate: () => None(),
});

function certificate(cert: string | Buffer): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch {
    throw authenticationError('cert', 'is no certificate that can be read', "cert: readFileSync('client.pem', 'utf8')");
  }
}
