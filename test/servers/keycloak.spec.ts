import { afterAll, beforeAll } from '@jest/globals';
import { describeCallers } from './keycloak/callers.js';
import { describeCalls } from './keycloak/calls.js';
import type { KeycloakRealm } from './keycloak/keycloak-realm.js';
import { KeycloakServer } from './keycloak/keycloak-server.js';
import { describeKeys } from './keycloak/keys.js';
import { describeRestart } from './keycloak/restart.js';
import { shopRealm } from './keycloak/shop-realm.js';
import { describeWithJava } from './support/java.js';

describeWithJava('with a real Keycloak', () => {
  let server: KeycloakServer;
  let realm: KeycloakRealm;
  beforeAll(async () => {
    server = await KeycloakServer.start();
    realm = await server.addRealm(shopRealm('shop'));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describeCallers(() => realm);
  describeCalls(() => realm);
  describeKeys(() => realm);
  describeRestart(
    () => server,
    () => realm,
  );
});
