import { auth0 } from '../../lib/authorization-servers/auth0.js';
import { cognito } from '../../lib/authorization-servers/cognito.js';
import { entraId } from '../../lib/authorization-servers/entra-id.js';
import { hydra } from '../../lib/authorization-servers/hydra.js';
import { keycloak } from '../../lib/authorization-servers/keycloak.js';
import { logto } from '../../lib/authorization-servers/logto.js';
import { oidc } from '../../lib/authorization-servers/oidc.js';
import { okta } from '../../lib/authorization-servers/okta.js';
import { simpleIdServer } from '../../lib/authorization-servers/simple-id-server.js';
import { spring } from '../../lib/authorization-servers/spring.js';
import { zitadel } from '../../lib/authorization-servers/zitadel.js';

/** A server of each product. */
export const servers = {
  oidc: oidc({ issuer: 'https://id.example.com' }),
  auth0: auth0({ domain: 'acme.eu.auth0.com' }),
  cognito: cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_AbCdEfGhI' }),
  logto: logto({ endpoint: 'https://acme.logto.app' }),
  simpleIdServer: simpleIdServer({ url: 'https://id.example.com', realm: 'master' }),
  keycloak: keycloak({ url: 'https://sso.example.com', realm: 'acme' }),
  entraId: entraId({ tenantId: '11111111-2222-3333-4444-555555555555' }),
  okta: okta({ domain: 'acme.okta.com' }),
  hydra: hydra({ issuer: 'https://hydra.example.com/' }),
  spring: spring({ issuer: 'https://id.example.com' }),
  zitadel: zitadel({ issuer: 'https://acme.zitadel.cloud' }),
};

export type ServerName = keyof typeof servers;
