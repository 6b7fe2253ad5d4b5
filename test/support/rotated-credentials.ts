import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientAuthentication } from '../../lib/client-authentication/client-authenticators.js';
import { privateKeyJwt } from '../../lib/client-authentication/private-key-jwt.js';
import { mutualTls } from '../../lib/client-authentication/tls-client-auth.js';
import type { TestClient } from '../../lib/testing/index.js';
import { selfSignedCertificate, type TestCertificate } from './certificates.js';
import { jwkOf } from './jwk-of.js';

/** What a client authenticates with. */
export interface Rotated {
  readonly key: string;
  /** `undefined`: there is only a key. */
  readonly cert?: string;
  /** As the server registers it. */
  readonly registered: TestClient;
}

/** A way to authenticate with files that are replaced. */
export interface RotatedMethod {
  readonly name: string;
  /** The server's certificate, if it needs one. */
  readonly tls: TestCertificate | undefined;
  /** Makes a new key or certificate. */
  make(): Rotated;
  /** How a server registers both while they rotate. */
  both(old: Rotated, next: Rotated): TestClient;
  authentication(files: CredentialFiles): ClientAuthentication;
}

/** The files `tls.key` and `tls.crt`, as cert-manager and Kubernetes name them. */
export class CredentialFiles implements Disposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'nestjs-m2m-rotation-'));
  readonly key = join(this.#directory, 'tls.key');
  readonly cert = join(this.#directory, 'tls.crt');

  write({ key, cert }: Pick<Rotated, 'key' | 'cert'>): void {
    writeFileSync(this.key, key);
    if (cert !== undefined) writeFileSync(this.cert, cert);
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true });
  }
}

const own = selfSignedCertificate('server');

/** The two that take functions. */
export const rotatedMethods: readonly RotatedMethod[] = [
  {
    name: 'privateKeyJwt',
    tls: undefined,
    make() {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      return { key, registered: { publicKey: jwkOf(publicKey) } };
    },
    both: (old, next) => ({ publicKey: [old, next].flatMap(({ registered }) => registered.publicKey ?? []) }),
    authentication: ({ key }) => privateKeyJwt({ key: () => readFile(key), alg: 'ES256' }),
  },
  {
    name: 'mutualTls',
    tls: own,
    make() {
      const { key, cert } = selfSignedCertificate('orders');
      return { key, cert, registered: { certificate: cert } };
    },
    both: (old, next) => ({ certificate: [old, next].flatMap(({ registered }) => registered.certificate ?? []) }),
    authentication: ({ key, cert }) =>
      mutualTls({ cert: () => readFile(cert), key: () => readFile(key), ca: own.cert }),
  },
];
