import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { startCaller, type CallingApp } from '../support/caller.js';
import { startShop, type Shop } from '../support/shop.js';
import { logIn, register } from './log-in.js';
import { credentialsOf, secretOf, type KeycloakRealm, type TokenAnswer } from './keycloak-realm.js';
import { ALICE, SHOP_API, SHOP_WEB } from './shop-realm.js';

/** Whose a token is, and what the routes for machines, and for machines and users, answer to it. */
interface Expected {
  readonly caller: unknown;
  readonly machines: unknown;
  readonly either: unknown;
  /** The route for both whose `isUser` knows the client of users. @default as `either` */
  readonly told?: unknown;
}

const NOT_ALLOWED = '403 caller-refused';

function machine(clientId: string): Expected {
  const letIn = { machine: clientId };
  return { caller: { clientId, kind: 'machine' }, machines: letIn, either: letIn };
}

function withoutRole(clientId: string): Expected {
  return { ...machine(clientId), machines: NOT_ALLOWED, either: NOT_ALLOWED };
}

function unknown(clientId: string): Expected {
  return { caller: { clientId, kind: 'unknown' }, machines: NOT_ALLOWED, either: NOT_ALLOWED };
}

function user(clientId: string, name: string): Expected {
  return { caller: { clientId, kind: 'user' }, machines: NOT_ALLOWED, either: { user: name } };
}

/** @param either the users' strategy may be asked, and refuses the token, too */
function refused(reason: string, either = reason): Expected {
  return { caller: `401 ${reason}`, machines: `401 ${reason}`, either: `401 ${either}` };
}

/** The service accounts whose tokens the outbound half requests, and what comes of them. */
const SERVICE_ACCOUNTS: readonly [what: string, clientId: string, expected: Expected][] = [
  ['a service account', 'orders', machine('orders')],
  ['a service account with a session', 'with-session', machine('with-session')],
  ['a service account with the mapper of version 20', 'version-20', machine('version-20')],
  ['a service account without the client scope service_account', 'without-scope', unknown('without-scope')],
  [
    'a service account without the client scope service_account, with a session',
    'without-scope-with-session',
    unknown('without-scope-with-session'),
  ],
  ['a lightweight token, which has no audience', 'lightweight', refused('audience')],
  ['a lightweight token with an audience', 'lightweight-with-audience', unknown('lightweight-with-audience')],
  ['a lightweight token with all mappers', 'lightweight-with-mappers', machine('lightweight-with-mappers')],
  ['a service account that has a role for the API, and no mapper', 'with-role-only', machine('with-role-only')],
  ['a service account without a role for the API', 'without-roles', withoutRole('without-roles')],
  ['a token for another API', 'of-another-api', refused('audience')],
];

type Minted = (realm: KeycloakRealm) => Promise<string>;

const accessTokenOf = async (answer: Promise<TokenAnswer>): Promise<string> => (await answer).access_token;

const OTHER_TOKENS: readonly [what: string, minted: Minted, expected: Expected][] = [
  [
    'a refreshed token of a service account',
    (realm) => accessTokenOf(refreshed(realm, 'with-session')),
    machine('with-session'),
  ],
  [
    'a refreshed token of a service account without the client scope',
    (realm) => accessTokenOf(refreshed(realm, 'without-scope-with-session')),
    unknown('without-scope-with-session'),
  ],
  [
    "an exchanged machine's token",
    (realm) => accessTokenOf(realm.exchanged('gateway', realm.tokenOf('batch'))),
    unknown('gateway'),
  ],
  [
    "an exchanged machine's token with a session",
    (realm) => accessTokenOf(realm.exchanged('gateway-without-scope', realm.tokenOf('batch-with-session'))),
    unknown('gateway-without-scope'),
  ],
  [
    "an exchanged machine's token that names both clients",
    (realm) => accessTokenOf(realm.exchanged('gateway', realm.tokenOf('batch-with-session'))),
    refused('claims'),
  ],
  [
    "a user's token by the password grant",
    (realm) => accessTokenOf(passwordGrant(realm)),
    { ...unknown(SHOP_WEB.clientId), told: { user: ALICE.username } },
  ],
  [
    "a user's token by the code flow",
    (realm) => accessTokenOf(logIn(realm, ALICE)),
    user(SHOP_WEB.clientId, ALICE.username),
  ],
  [
    "a user's refreshed token",
    (realm) => accessTokenOf(refreshedOf(realm, logIn(realm, ALICE), { client_id: SHOP_WEB.clientId })),
    user(SHOP_WEB.clientId, ALICE.username),
  ],
  [
    "a user's exchanged token",
    (realm) => accessTokenOf(realm.exchanged('gateway', logIn(realm, ALICE))),
    user('gateway', ALICE.username),
  ],
  [
    'a user who registered under the name of a service account',
    (realm) => accessTokenOf(register(realm, 'service-account-x')),
    user(SHOP_WEB.clientId, 'service-account-x'),
  ],
  ["a user's ID token", async (realm) => (await logIn(realm, ALICE)).id_token, refused('not-an-access-token', 'user')],
  [
    'an ID token of a service account',
    async (realm) => (await realm.tokenOf('orders', { scope: 'openid' })).id_token,
    refused('not-an-access-token'),
  ],
  [
    'a refresh token of a service account',
    async (realm) => (await realm.tokenOf('with-session')).refresh_token,
    refused('algorithm'),
  ],
  ['a token that is bound to a key (DPoP)', boundToken, refused('sender-constrained')],
];

/** What the guards make of every kind of token that Keycloak issues. */
export function describeCallers(realmOf: () => KeycloakRealm): void {
  describe('a token of Keycloak', () => {
    let realm: KeycloakRealm;
    let shop: Shop;
    /** It accepts every kind of caller, so that it can tell which kind it is. */
    let open: Shop;
    let caller: CallingApp;
    beforeAll(async () => {
      realm = realmOf();
      const authorizationServer = keycloak({ url: realm.url, realm: realm.name });
      const options = { authorizationServer, jwksUri: realm.endpoint('certs'), audience: SHOP_API };
      shop = await startShop(options);
      open = await startShop({ ...options, resourceServer: { callers: 'any' } });
      const clients = Object.fromEntries(SERVICE_ACCOUNTS.map(([, clientId]) => [clientId, credentialsOf(clientId)]));
      caller = await startCaller({ authorizationServer, ...credentialsOf('orders'), clients });
    });
    afterAll(async () => {
      for (const app of [caller, open, shop]) await app[Symbol.asyncDispose]();
    });

    const answersTo = async (token: string): Promise<Expected> => ({
      caller: await open.ask('caller', token),
      machines: await shop.ask('products', token),
      either: await shop.ask('either', token),
      told: await shop.ask('told', token),
    });

    it.each(SERVICE_ACCOUNTS)('is judged by what it proves: %s', async (_what, clientId, expected) => {
      const token = await caller.m2m.client(clientId).getToken();
      expect(await answersTo(token)).toEqual({ told: expected.either, ...expected });
    });

    it.each(OTHER_TOKENS)('is judged by what it proves: %s', async (_what, minted, expected) => {
      expect(await answersTo(await minted(realm))).toEqual({ told: expected.either, ...expected });
    });

    it('has as scopes those it was granted and the roles for this API, not those for others', async () => {
      const scopes = await shop.ask('scopes', await caller.m2m.client('orders').getToken());
      expect(scopes).toEqual(['email', 'profile', 'read:products']);
    });

    it('is not issued with a scope that the client may not have', async () => {
      const requested = caller.m2m.client('orders').getToken({ scope: 'admin' });
      await expect(requested).rejects.toMatchObject({ error: 'invalid_scope', upstreamStatus: 400 });
    });
  });
}

function passwordGrant(realm: KeycloakRealm): Promise<TokenAnswer> {
  return realm.token({ grant_type: 'password', client_id: SHOP_WEB.clientId, ...ALICE });
}

function refreshed(realm: KeycloakRealm, clientId: string): Promise<TokenAnswer> {
  const client = { client_id: clientId, client_secret: secretOf(clientId) };
  return refreshedOf(realm, realm.tokenOf(clientId), client);
}

async function refreshedOf(
  realm: KeycloakRealm,
  answer: Promise<TokenAnswer>,
  client: Record<string, string>,
): Promise<TokenAnswer> {
  const { refresh_token } = await answer;
  return realm.token({ grant_type: 'refresh_token', refresh_token, ...client });
}

/** A token that was requested with a proof of a key (RFC 9449, section 5). */
async function boundToken(realm: KeycloakRealm): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const proof = await new SignJWT({ htm: 'POST', htu: realm.endpoint('token'), jti: randomUUID() })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(publicKey) })
    .setIssuedAt()
    .sign(privateKey);
  const client = { client_id: 'bound', client_secret: secretOf('bound') };
  const { access_token } = await realm.token({ grant_type: 'client_credentials', ...client }, { dpop: proof });
  return access_token;
}
