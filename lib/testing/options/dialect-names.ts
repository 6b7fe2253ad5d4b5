import type { ProviderName } from '../../authorization-servers/from-issuer.js';
import type { TestDialectName } from './test-authorization-server-options.js';

/** By dialect, the name that its product has in `M2M_PROVIDER` and on the command line. */
export const providers: Readonly<Record<TestDialectName, ProviderName>> = {
  standard: 'oidc',
  auth0: 'auth0',
  cognito: 'cognito',
  logto: 'logto',
  simpleIdServer: 'simple-id-server',
  keycloak: 'keycloak',
  entraId: 'entra-id',
  okta: 'okta',
  hydra: 'hydra',
  spring: 'spring',
  zitadel: 'zitadel',
};

const byName = new Map<unknown, TestDialectName>(
  (Object.keys(providers) as TestDialectName[]).flatMap((dialect) => [
    [dialect, dialect],
    [providers[dialect], dialect],
  ]),
);

/** The dialect that is meant by its own name, or by the one that its product has elsewhere. */
export function dialectNamed(name: unknown): TestDialectName | undefined {
  return byName.get(name);
}

/** Every dialect by its own name, as messages and help list them. */
export const dialectNames: readonly string[] = Object.keys(providers);
