import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readerOf, type Environment } from '../../options/environment-variables.js';
import { ok, wrong, type Check } from '../checks/check.js';

const NAME = 'NODE_EXTRA_CA_CERTS';
const EXAMPLE = `${NAME}=/etc/ssl/private-ca.pem`;

/** The variables that say which certificates Node.js trusts. It reads them once, when a process starts. */
export function checkCertificateVariables(environment: Environment): readonly Check[] {
  const read = readerOf(environment);
  const unchecked = read('NODE_TLS_REJECT_UNAUTHORIZED') === '0';
  const problem = 'is 0: any certificate passes, so that anybody on the way can read secrets and forge keys';
  const remedy = `no NODE_TLS_REJECT_UNAUTHORIZED\nand ${EXAMPLE} # for a private certificate authority`;
  const file = read(NAME);
  return [
    ...(unchecked ? [wrong('NODE_TLS_REJECT_UNAUTHORIZED', problem, remedy)] : []),
    ...(file === undefined ? [] : [checkFile(file)]),
  ];
}

/** Node.js only warns, and goes on without it. */
function checkFile(file: string): Check {
  try {
    const pem = readFileSync(file, 'utf8');
    return ok(NAME, `${file}: ${new X509Certificate(pem).subject.replaceAll('\n', ', ')}`);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    const problem = syscall === undefined ? 'names a file without a certificate' : `cannot be read: ${code}`;
    return wrong(NAME, `${problem}: ${file}`, `${EXAMPLE} # a file that holds certificates, as PEM`);
  }
}
