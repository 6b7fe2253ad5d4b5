import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { jwkOf } from '../../support/jwk-of.js';
import { TestClientKey } from '../support/keys.js';
import { secretOf } from './keycloak-realm.js';

/** The client that stands for the API, and the audience of its tokens. */
export const SHOP_API = 'shop-api';
export const ALICE = { username: 'alice', password: 'password-of-alice' };

/** The client of users in a browser, and where it sends them back to. */
export const SHOP_WEB = { clientId: 'shop-web', redirectUri: 'http://127.0.0.1/back' };

/** What a new client of Keycloak 26 has, without the scope that puts `client_id` into tokens. */
const WITHOUT_SERVICE_ACCOUNT = ['acr', 'basic', 'email', 'profile', 'roles', 'web-origins'];
const DEFAULT_SCOPES = [...WITHOUT_SERVICE_ACCOUNT, 'service_account'];

const WITH_SESSION = { 'client_credentials.use_refresh_token': 'true' };
const LIGHTWEIGHT = { 'client.use.lightweight.access.token.enabled': 'true' };
const MAY_EXCHANGE = { 'standard.token.exchange.enabled': 'true' };

/** The key of the client `by-private_key_jwt`. */
export const CLIENT_KEY = new TestClientKey();
/** The key of the client `with-ed25519`. */
export const ED25519_KEY = generateKeyPairSync('ed25519').privateKey;
const ED25519_JWK = { ...jwkOf(createPublicKey(ED25519_KEY)), use: 'sig', alg: 'EdDSA' };

interface Client {
  /** How it authenticates. @default by its secret, as Basic or in the body */
  readonly authenticator?: 'client-secret-jwt' | 'client-jwt' | 'client-x509';
  readonly scopes?: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
  readonly mappers?: readonly object[];
  /** By API. A role makes the API an audience, too. @default one for the shop's, and one for the gateway's */
  readonly roles?: Readonly<Record<string, readonly string[]>>;
}

const ROLES = { [SHOP_API]: ['read:products'], gateway: ['write:products'] };

/** Service accounts: how each differs from a new client with a mapper for the audience of the shop's API. */
const clients: Readonly<Record<string, Client>> = {
  orders: {},
  'by-client_secret_jwt': { authenticator: 'client-secret-jwt' },
  'by-private_key_jwt': {
    authenticator: 'client-jwt',
    attributes: { 'use.jwks.string': 'true', 'jwks.string': JSON.stringify(CLIENT_KEY.jwks) },
  },
  'with-ed25519': {
    authenticator: 'client-jwt',
    attributes: { 'use.jwks.string': 'true', 'jwks.string': JSON.stringify({ keys: [ED25519_JWK] }) },
  },
  'by-tls_client_auth': { authenticator: 'client-x509', attributes: { 'x509.subjectdn': 'CN=by-tls_client_auth' } },
  'with-session': { attributes: WITH_SESSION },
  'without-scope': { scopes: WITHOUT_SERVICE_ACCOUNT },
  'without-scope-with-session': { scopes: WITHOUT_SERVICE_ACCOUNT, attributes: WITH_SESSION },
  'version-20': { scopes: WITHOUT_SERVICE_ACCOUNT, mappers: [audience(SHOP_API), sessionNote('clientId')] },
  lightweight: { attributes: LIGHTWEIGHT },
  'lightweight-with-audience': { attributes: LIGHTWEIGHT, mappers: [audience(SHOP_API, true)] },
  'lightweight-with-mappers': {
    attributes: LIGHTWEIGHT,
    mappers: [audience(SHOP_API, true), sessionNote('client_id', true), rolesOf(SHOP_API, true)],
  },
  'of-another-api': { mappers: [audience('gateway')], roles: {} },
  'with-role-only': { mappers: [] },
  'without-roles': { roles: {} },
  rotated: {},
  bound: { attributes: { 'dpop.bound.access.tokens': 'true' } },
  'short-lived': { attributes: { 'access.token.lifespan': '60' } },
  // Those whose tokens the gateways exchange.
  batch: { mappers: [audience('gateway'), audience('gateway-without-scope')] },
  'batch-with-session': {
    attributes: WITH_SESSION,
    mappers: [audience('gateway'), audience('gateway-without-scope')],
  },
  gateway: { attributes: MAY_EXCHANGE },
  'gateway-without-scope': { scopes: WITHOUT_SERVICE_ACCOUNT, attributes: MAY_EXCHANGE },
};

/** A realm with the API of a shop, the services that call it, and its users, who may register themselves. */
export function shopRealm(realm: string) {
  return {
    realm,
    enabled: true,
    sslRequired: 'none',
    registrationAllowed: true,
    roles: { client: { [SHOP_API]: [{ name: 'read:products' }], gateway: [{ name: 'write:products' }] } },
    clients: [
      { clientId: SHOP_API, secret: secretOf(SHOP_API), standardFlowEnabled: false },
      ...Object.entries(clients).map(([clientId, client]) => serviceAccount(clientId, client)),
      {
        clientId: SHOP_WEB.clientId,
        publicClient: true,
        standardFlowEnabled: true,
        directAccessGrantsEnabled: true,
        redirectUris: [SHOP_WEB.redirectUri],
        defaultClientScopes: WITHOUT_SERVICE_ACCOUNT,
        protocolMappers: [audience(SHOP_API), audience('gateway')],
      },
    ],
    users: [
      {
        username: ALICE.username,
        enabled: true,
        email: 'alice@example.com',
        firstName: 'Alice',
        lastName: 'Example',
        credentials: [{ type: 'password', value: ALICE.password }],
      },
      ...Object.entries(clients).map(([clientId, { roles = ROLES }]) => ({
        username: `service-account-${clientId}`,
        enabled: true,
        serviceAccountClientId: clientId,
        clientRoles: roles,
      })),
    ],
  };
}

function serviceAccount(clientId: string, client: Client) {
  const { authenticator = 'client-secret', scopes = DEFAULT_SCOPES, attributes = {}, mappers } = client;
  return {
    clientId,
    clientAuthenticatorType: authenticator,
    secret: secretOf(clientId),
    serviceAccountsEnabled: true,
    standardFlowEnabled: false,
    attributes,
    defaultClientScopes: scopes,
    protocolMappers: mappers ?? [audience(SHOP_API)],
  };
}

function audience(name: string, lightweight = false) {
  return mapper(`audience ${name}`, 'oidc-audience-mapper', lightweight, { 'included.client.audience': name });
}

/** What the client scope `service_account` has, under the name of the claim in this or an older version. */
function sessionNote(name: 'client_id' | 'clientId', lightweight = false) {
  const config = { 'user.session.note': name, 'claim.name': name, 'jsonType.label': 'String' };
  return mapper(name, 'oidc-usersessionmodel-note-mapper', lightweight, config);
}

function rolesOf(name: string, lightweight: boolean) {
  return mapper('roles', 'oidc-usermodel-client-role-mapper', lightweight, {
    'claim.name': 'resource_access.${client_id}.roles',
    'usermodel.clientRoleMapping.clientId': name,
    'jsonType.label': 'String',
    multivalued: 'true',
  });
}

function mapper(name: string, protocolMapper: string, lightweight: boolean, config: Record<string, string>) {
  const where = { 'access.token.claim': 'true', 'lightweight.claim': String(lightweight) };
  return { name, protocol: 'openid-connect', protocolMapper, config: { ...config, ...where } };
}
