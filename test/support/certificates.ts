import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key and its self-signed certificate, as PEM. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate for 127.0.0.1 with the `openssl` command. */
export function selfSignedCertificate(commonName: string): TestCertificate {
  const options = '-x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -keyout - -days 2'.split(' ');
  const subject = ['-subj', `/CN=${commonName}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
  const pem = execFileSync('openssl', ['req', ...options, ...subject], { encoding: 'utf8', stdio: 'pipe' });
  const [key = '', cert = ''] = ['PRIVATE KEY', 'CERTIFICATE'].map(
    (label) => new RegExp(`-----BEGIN ${label}-----[^]+-----END ${label}-----`).exec(pem)?.[0],
  );
  return { key, cert };
}

/** A private certificate authority. */
export class TestAuthority {
  readonly #own: TestCertificate;

  constructor(commonName: string) {
    this.#own = selfSignedCertificate(commonName);
  }

  /** As PEM. */
  get cert(): string {
    return this.#own.cert;
  }

  /** Signs a certificate for 127.0.0.1. */
  issue(commonName: string): TestCertificate {
    const directory = mkdtempSync(join(tmpdir(), 'nestjs-m2m-ca-'));
    try {
      const [ca, caKey, key] = ['ca.pem', 'ca-key.pem', 'key.pem'].map((name) => join(directory, name)) as [
        string,
        string,
        string,
      ];
      writeFileSync(ca, this.#own.cert);
      writeFileSync(caKey, this.#own.key);
      const made = '-x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2'.split(' ');
      const names = ['-subj', `/CN=${commonName}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
      const end = ['-addext', 'basicConstraints=critical,CA:FALSE'];
      const options = [...made, ...names, ...end, '-CA', ca, '-CAkey', caKey, '-keyout', key];
      const cert = execFileSync('openssl', ['req', ...options], { encoding: 'utf8', stdio: 'pipe' });
      return { key: readFileSync(key, 'utf8'), cert };
    } finally {
      rmSync(directory, { recursive: true });
    }
  }
}
