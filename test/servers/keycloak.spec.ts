import { afterAll, beforeAll } from '@jest/globals';
import { describeAuthentication } from './keycloak/authentication.js';
import { describeCallers } from './keycloak/callers.js';
import { describeDelegation } from './keycloak/delegation.js';
import type { KeycloakRealm } from './keycloak/keycloak-realm.js';
import { credentialsOf } from './keycloak/keycloak-realm.js';
import { KeycloakServer } from './keycloak/keycloak-server.js';
import { KEYCLOAK, realKeycloak } from './keycloak/real-keycloak.js';
import { SHOP_API, shopRealm } from './keycloak/shop-realm.js';
import { describeBothHalves } from './support/both-halves.js';
import { describeIntrospection } from './support/introspection.js';
import { describeWithJava } from './support/java.js';
import type { RealServer } from './support/real-server.js';

describeWithJava('with a real Keycloak', () => {
  let server: KeycloakServer;
  let realm: KeycloakRealm;
  let real: RealServer;
  beforeAll(async () => {
    server = await KeycloakServer.start();
    realm = await server.addRealm(shopRealm('shop'));
    real = realKeycloak(server, realm);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describeAuthentication(
    () => server,
    () => realm,
  );
  describeCallers(() => realm);
  describeBothHalves(KEYCLOAK, () => real);
  describeIntrospection(
    () => real,
    () => ({ introspection: { ...credentialsOf(SHOP_API), when: 'always' } }),
  );
  describeDelegation(
    () => realm,
    () => real,
  );
});
