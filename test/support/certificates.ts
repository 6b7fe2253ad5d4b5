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

/** Runs `openssl` in a directory with these files, which is removed afterwards. The file `cert.pem` is the result. */
function certificateMadeIn(files: Readonly<Record<string, string>>, ...commands: readonly string[]): string {
  const cwd = mkdtempSync(join(tmpdir(), 'nestjs-m2m-cert-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
    for (const command of commands) execFileSync('openssl', command.split(' '), { cwd, stdio: 'pipe' });
    return readFileSync(join(cwd, 'cert.pem'), 'utf8');
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** Makes another certificate for the same key. */
export function renewedCertificate({ key }: TestCertificate, commonName: string): TestCertificate {
  const names = `-subj /CN=${commonName} -addext subjectAltName=IP:127.0.0.1`;
  const command = `req -x509 -key key.pem -days 2 ${names} -out cert.pem`;
  return { key, cert: certificateMadeIn({ 'key.pem': key }, command) };
}

/** Makes a key and a certificate that was valid for one day of 2020. Only `openssl ca` takes dates. */
export function expiredCertificate(commonName: string): TestCertificate {
  const { key } = selfSignedCertificate(commonName);
  const own = '[own]\ndatabase = index\nserial = serial\nnew_certs_dir = .\ndefault_md = sha256\npolicy = any\n';
  const configuration = `[ca]\ndefault_ca = own\n${own}[any]\ncommonName = supplied\n`;
  const files = { 'key.pem': key, index: '', serial: '01\n', 'ca.cnf': configuration };
  const request = `req -new -key key.pem -subj /CN=${commonName} -out request.pem`;
  const dates = '-startdate 20200101000000Z -enddate 20200102000000Z';
  const signing = `ca -batch -notext -selfsign -config ca.cnf -keyfile key.pem -in request.pem ${dates} -out cert.pem`;
  return { key, cert: certificateMadeIn(files, request, signing) };
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
