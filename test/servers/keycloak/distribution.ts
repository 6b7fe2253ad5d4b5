import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keptFolder } from '../support/kept-folder.js';
import { run } from '../support/run.js';

/** The version that is downloaded. */
export const KEYCLOAK_VERSION = '26.7.3';

/** What Keycloak takes at its build only. */
const BUILD_OPTIONS = [
  '--db=dev-file',
  '--features=dpop,token-exchange-standard',
  '--health-enabled=false',
  '--metrics-enabled=false',
  // Clients may show a certificate, and need not.
  '--https-client-auth=request',
];

/** The folder of a Keycloak that is built; the first call on a machine downloads 176 MB. */
export function keycloakDistribution(): Promise<string> {
  return keptFolder(`keycloak-${KEYCLOAK_VERSION}`, BUILD_OPTIONS.join(' '), async (folder) => {
    const artifact = `org.keycloak:keycloak-quarkus-dist:${KEYCLOAK_VERSION}:tar.gz`;
    const archive = `keycloak-quarkus-dist-${KEYCLOAK_VERSION}.tar.gz`;
    const copy = ['--batch-mode', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`];
    await run('mvn', copy, folder);
    await run('tar', ['-xzf', archive, '--strip-components=1'], folder);
    await rm(join(folder, archive));
    await run(join(folder, 'bin', 'kc.sh'), ['build', ...BUILD_OPTIONS], folder);
  });
}
