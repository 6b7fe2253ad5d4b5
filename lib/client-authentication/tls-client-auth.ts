import { createSecureContext } from 'node:tls';
import { None } from 'oauth4webapi';
import { authenticationError, checkContent, checkOptions } from './authentication-error.js';
import { CertificateAgents, type ClientCertificate } from './certificate-agents.js';
import { checkAuthorities, readCertificate, readPrivateKey, thumbprintOf } from './certificate.js';
import { defineAuthenticator } from './client-authenticator.js';
import { fingerprint } from './credential-callback.js';
import type { CredentialOption } from './credential-option.js';
import { withHidden } from './hidden-members.js';
import type { Rotatable } from './rotatable.js';
import { rotatedCredential } from './rotated-credential.js';

/** A client certificate, and what tells it from others. */
interface IdentifiedCertificate extends ClientCertificate {
  /** Tells it from others, with its chain and authorities. */
  readonly fingerprint: string;
}

/** {@link mutualTls} */
export interface MutualTls {
  /** The name of the method in the IANA registry (`token_endpoint_auth_methods_supported`). */
  readonly method: 'tls_client_auth';
  /** Certificate, key and authorities. Not enumerable. */
  readonly credential: CredentialOption<IdentifiedCertificate>;
  /**
   * SHA-256 of the certificate, base64url (`x5t#S256` in RFC 8705, section 3.1). `undefined`: functions return certificate
   * or key.
   */
  readonly thumbprint: string | undefined;
}

/** What {@link mutualTls} takes. */
interface TlsOptions {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly passphrase?: string | undefined;
  readonly ca?: string | Buffer | undefined;
}

/**
 * The client shows its certificate when it connects. Tokens may be bound to it (`cnf`), so they never leave this
 * process's memory. If the server's metadata has an mTLS alias of the endpoint, that is used.
 *
 * Each option may be a function that returns it, or a promise of it: `() => readFile('/run/tls/tls.crt')`. The functions
 * are called together for the first token request, again after 10 minutes, and when the certificate is refused. A
 * certificate that does not belong to the key was read while the files were replaced: they are read again, and the pair
 * at hand stays in use.
 *
 * @param options.cert PEM, with the chain
 * @param options.key PEM
 * @param options.passphrase of the key, if it is encrypted
 * @param options.ca PEM: who may have signed the server's certificate. Default: those of `http.httpsAgent`, or else those
 * that Node knows
 * @throws M2MConfigurationError if the certificate cannot be read, has expired or belongs to another key, if a path is
 * given instead of a PEM, and for an option that is missing or does not exist
 * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-2 RFC 8705, section 2}
 */
export function mutualTls(options: {
  cert: Rotatable<string | Buffer>;
  key: Rotatable<string | Buffer>;
  passphrase?: Rotatable<string>;
  ca?: Rotatable<string | Buffer>;
}): MutualTls {
  checkOptions(options, ['cert', 'key'], ['passphrase', 'ca']);
  const { cert, key, passphrase, ca } = options;
  for (const [name, value] of Object.entries({ cert, key, ca })) checkContent(name, value);
  const { option, fixed } = rotatedCredential<TlsOptions, IdentifiedCertificate>(
    'mutualTls',
    { cert, key, passphrase, ca },
    (read, now) => {
      // A function that returns nothing must not leave the choice to Node.
      if (ca !== undefined) checkAuthorities(read.ca);
      return readTlsOptions(read, now);
    },
  );
  return withHidden({ method: 'tls_client_auth', thumbprint: fixed?.thumbprint } as const, { credential: option });
}

/** `tls_client_auth`. The certificate goes with the connection; the request names the client only. */
export const tlsClientAuthenticator = defineAuthenticator<MutualTls, IdentifiedCertificate>({
  method: 'tls_client_auth',
  example: 'mutualTls({ cert, key })',
  needsSecret: false,
  sharesTokens: false,
  sharesFailures: true,
  thumbprint: ({ thumbprint }) => thumbprint,
  credential: ({ credential }) => credential,
  certificateAgents: (configured) => new CertificateAgents(configured),
  authenticate: () => None(),
});

function readTlsOptions({ cert, key, passphrase, ca }: TlsOptions, now: number): IdentifiedCertificate {
  const certificate = readCertificate(cert, readPrivateKey(key, passphrase), now);
  checkUsable({ cert, key, passphrase });
  const known = fingerprint(`${cert.toString()} ${ca?.toString()}`);
  return Object.freeze({ cert, key, passphrase, ca, thumbprint: thumbprintOf(certificate), fingerprint: known });
}

/** TLS reads a PEM with the whole chain. @throws M2MConfigurationError for less */
function checkUsable(identity: TlsOptions): void {
  try {
    createSecureContext(identity);
  } catch {
    // Its error may hold what was parsed.
    const remedy = "cert: readFileSync('client.pem', 'utf8'), key: readFileSync('client-key.pem', 'utf8')";
    throw authenticationError('cert', 'has a chain, or a form, that TLS cannot use', remedy);
  }
}
