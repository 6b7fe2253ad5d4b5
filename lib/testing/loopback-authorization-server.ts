import { auth0 } from '../authorization-servers/auth0.js';
import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { cognito } from '../authorization-servers/cognito.js';
import { entraId } from '../authorization-servers/entra-id.js';
import { hydra } from '../authorization-servers/hydra.js';
import { keycloak } from '../authorization-servers/keycloak.js';
import { logto } from '../authorization-servers/logto.js';
import { oidc } from '../authorization-servers/oidc.js';
import { okta } from '../authorization-servers/okta.js';
import { simpleIdServer } from '../authorization-servers/simple-id-server.js';
import { spring } from '../authorization-servers/spring.js';
import { zitadel } from '../authorization-servers/zitadel.js';
import type { TestDialectName } from './options/test-authorization-server-options.js';

/** The URLs of a test server. */
export interface LoopbackUrls {
  readonly url: string;
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
  readonly introspectionEndpoint: string | undefined;
}

const profiles: Readonly<Record<TestDialectName, (urls: LoopbackUrls) => AuthorizationServer>> = {
  standard: ({ issuer }) => oidc({ issuer }),
  auth0: () => auth0({ domain: 'tenant.eu.auth0.com' }),
  cognito: () => cognito({ region: 'eu-central-1', userPoolId: 'eu-central-1_Test' }),
  logto: ({ url }) => logto({ endpoint: url }),
  simpleIdServer: ({ url }) => simpleIdServer({ url, realm: 'master' }),
  keycloak: ({ url }) => keycloak({ url, realm: 'test' }),
  entraId: () => entraId({ tenantId: '11111111-2222-3333-4444-555555555555' }),
  okta: () => okta({ domain: 'tenant.okta.com' }),
  hydra: ({ issuer }) => hydra({ issuer }),
  spring: ({ issuer }) => spring({ issuer }),
  zitadel: ({ issuer }) => zitadel({ issuer }),
};

/** What a product's own factory returns, with every URL pointing at a test server that speaks its dialect. */
export function loopbackAuthorizationServer(dialect: TestDialectName, urls: LoopbackUrls): AuthorizationServer {
  const { issuer, tokenEndpoint, jwksUri, introspectionEndpoint } = urls;
  const profile = profiles[dialect](urls);
  const acceptedIssuers = dialect === 'entraId' ? [issuer, issuer.replace(/v2\.0$/, '')] : undefined;
  const assertionAudience = profile.assertionAudience === undefined ? undefined : tokenEndpoint;
  const endpoints = { issuer, acceptedIssuers, tokenEndpoint, jwksUri, introspectionEndpoint, assertionAudience };
  return Object.freeze({ ...profile, ...endpoints });
}
