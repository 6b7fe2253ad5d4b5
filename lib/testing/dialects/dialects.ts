import type { TestDialectName } from '../options/test-authorization-server-options.js';
import { auth0 } from './auth0.js';
import { cognito } from './cognito.js';
import type { Dialect } from '../engine/dialect.js';
import { entraId } from './entra-id.js';
import { hydra } from './hydra.js';
import { keycloak } from './keycloak.js';
import { logto } from './logto.js';
import { okta } from './okta.js';
import { simpleIdServer } from './simple-id-server.js';
import { spring } from './spring.js';
import { standardTokenExchange } from './standard-token-exchange.js';
import { standard } from './standard.js';
import { zitadel } from './zitadel.js';

export const dialects: Readonly<Record<TestDialectName, Dialect>> = {
  // The products that are made from it exchange no tokens, or in their own way.
  standard: { ...standard, exchange: standardTokenExchange },
  auth0,
  cognito,
  logto,
  simpleIdServer,
  keycloak,
  entraId,
  okta,
  hydra,
  spring,
  zitadel,
};
