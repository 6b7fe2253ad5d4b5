import { execFileSync } from 'node:child_process';

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
