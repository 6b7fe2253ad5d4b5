import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { CallerClaims, Claims } from '../../../lib/authorization-servers/authorization-server.js';
import { tellsUsers } from '../../../lib/authorization-servers/claims.js';
import { readStandardClaims } from '../../../lib/authorization-servers/standard.js';
import { InvalidTokenError } from '../../../lib/errors/invalid-token.error.js';
import { outcomeOf } from '../../support/problems-of.js';
import { servers, type ServerName } from '../../support/authorization-servers.js';

const API = 'https://shop-api';

function read(name: ServerName, claims: Claims, audience: readonly string[] = [API]): CallerClaims {
  const caller = servers[name].readClaims?.(claims, audience);
  if (!caller) throw new Error(`${name} reads no claims`);
  return caller;
}

const machine = 'machine';
const user = 'user';
const unknown = 'unknown';
const orders = { clientId: 'orders' };

/** Tokens as each product writes them, and who they say is calling. */
const tokens: Record<ServerName, [string, Claims, CallerClaims][]> = {
  oidc: [
    [
      'a machine of oidc-provider',
      { client_id: 'orders', aud: API, scope: 'read write' },
      { ...orders, scopes: ['read', 'write'], audience: [API], kind: machine },
    ],
    [
      'a machine of RFC 9068',
      { client_id: 'orders', sub: 'orders', aud: [API, 'other'], scope: 'read' },
      { ...orders, scopes: ['read'], audience: [API, 'other'], kind: machine },
    ],
    [
      'a machine of better-auth',
      { azp: 'orders', client_id: 'orders', sub: 'orders', aud: API, scope: 'read' },
      { ...orders, scopes: ['read'], audience: [API], kind: machine },
    ],
    [
      'a caller of LemonLDAP::NG, whose own id comes first',
      { client_id: 'orders', sub: 'orders', aud: ['orders', API], scope: 'read' },
      { ...orders, scopes: ['read'], audience: [API], kind: machine },
    ],
    [
      'a user by the time of a login',
      { client_id: 'spa', sub: 'alice', aud: API, scope: 'read', auth_time: 1 },
      { clientId: 'spa', scopes: ['read'], audience: [API], kind: user },
    ],
    ...['sid', 'amr', 'email', 'given_name', 'family_name', 'phone_number', 'birthdate'].map(
      (name): [string, Claims, CallerClaims] => [
        `a user by the claim ${name}`,
        { client_id: 'spa', sub: 'alice', [name]: 'x' },
        { clientId: 'spa', scopes: [], audience: [], kind: user },
      ],
    ),
    [
      'neither, where a subject is another than the client',
      { client_id: 'spa', sub: 'alice', aud: API, email: '', sid: null },
      { clientId: 'spa', scopes: [], audience: [API], kind: unknown },
    ],
    [
      'neither in a token of Google, whose service accounts have email addresses',
      {
        azp: 'orders@acme.iam.gserviceaccount.com',
        sub: '102347073445354563810',
        aud: API,
        email: 'orders@acme.iam.gserviceaccount.com',
        email_verified: true,
      },
      { clientId: 'orders@acme.iam.gserviceaccount.com', scopes: [], audience: [API], kind: unknown },
    ],
    [
      'neither in a token of Keycloak, whose service accounts have sessions and email addresses',
      { client_id: 'orders', sub: 'f0e1', typ: 'Bearer', sid: 's', email: 'service-account-orders@placeholder.org' },
      { ...orders, scopes: [], audience: [], kind: unknown },
    ],
    [
      'neither by a subject that is no text',
      { client_id: 'spa', sub: null },
      { clientId: 'spa', scopes: [], audience: [], kind: unknown },
    ],
    [
      'a machine, whatever its claims say of a person',
      { client_id: 'orders', sub: 'orders', email: 'orders@example.com' },
      { ...orders, scopes: [], audience: [], kind: machine },
    ],
    [
      'scopes in scp where scope is empty',
      { client_id: 'orders', aud: API, scope: '', scp: ['read'] },
      { ...orders, scopes: ['read'], audience: [API], kind: machine },
    ],
    [
      'scopes in the only element of a list',
      { client_id: 'orders', aud: API, scope: ['read write'] },
      { ...orders, scopes: ['read', 'write'], audience: [API], kind: machine },
    ],
    [
      'one scope in each element of a longer list',
      { client_id: 'orders', aud: API, scope: ['read write', 'admin'] },
      { ...orders, scopes: ['read write', 'admin'], audience: [API], kind: machine },
    ],
    [
      'scopes in scp where there is no scope',
      { client_id: 'orders', aud: API, scp: ['read'] },
      { ...orders, scopes: ['read'], audience: [API], kind: machine },
    ],
    [
      'no scope in one of another type, scp beside it or not',
      { client_id: 'orders', aud: API, scope: 7, scp: ['read'] },
      { ...orders, scopes: [], audience: [API], kind: machine },
    ],
    [
      'no client in sub',
      { sub: 'orders', aud: API, scope: 'read' },
      { clientId: undefined, scopes: ['read'], audience: [API], kind: unknown },
    ],
    [
      'no audience in one of another type',
      { client_id: 'orders', aud: { 0: API } },
      { ...orders, scopes: [], audience: [], kind: machine },
    ],
    [
      'only the texts of an audience',
      { client_id: 'orders', aud: [API, 1, '', null, [API]] },
      { ...orders, scopes: [], audience: [API], kind: machine },
    ],
  ],
  auth0: [
    [
      'a machine by its grant type',
      { azp: 'orders', sub: 'anything', gty: 'client-credentials', aud: API, scope: 'read' },
      { ...orders, scopes: ['read'], audience: [API], organization: undefined, kind: machine },
    ],
    [
      'a machine by its subject',
      { azp: 'orders', sub: 'orders@clients', aud: [API], scope: 'read', permissions: ['read', 'write'] },
      { ...orders, scopes: ['read', 'write'], audience: [API], organization: undefined, kind: machine },
    ],
    [
      'a machine of the at+jwt profile, in an organization',
      { client_id: 'orders', sub: 'orders', aud: API, org_id: 'org_1', org_name: 'acme' },
      { ...orders, scopes: [], audience: [API], organization: 'org_1', kind: machine },
    ],
    [
      'a user, whose permissions do not count',
      {
        azp: 'spa',
        sub: 'auth0|alice',
        aud: [API, 'https://acme.eu.auth0.com/userinfo'],
        scope: 'openid',
        permissions: ['admin'],
      },
      {
        clientId: 'spa',
        scopes: ['openid'],
        audience: [API, 'https://acme.eu.auth0.com/userinfo'],
        organization: undefined,
        kind: user,
      },
    ],
    [
      "neither where the subject is another client's",
      { azp: 'spa', sub: 'orders@clients', aud: API, permissions: ['admin'] },
      { clientId: 'spa', scopes: [], audience: [API], organization: undefined, kind: unknown },
    ],
    [
      'a user where the grant type is another',
      { azp: 'spa', sub: 'auth0|alice', gty: 'password', aud: API },
      { clientId: 'spa', scopes: [], audience: [API], organization: undefined, kind: user },
    ],
    [
      'neither where neither client nor subject is named',
      { aud: API },
      { clientId: undefined, scopes: [], audience: [API], organization: undefined, kind: unknown },
    ],
    [
      'no audience in its own client id',
      { azp: 'orders', sub: 'orders@clients', aud: ['orders', API] },
      { ...orders, scopes: [], audience: [API], organization: undefined, kind: machine },
    ],
  ],
  cognito: [
    [
      'a machine, its audience in its scopes',
      { client_id: 'orders', sub: 'orders', token_use: 'access', scope: `${API}/read ${API}/write shop/a` },
      { ...orders, scopes: [`${API}/read`, `${API}/write`, 'shop/a'], audience: [API, 'shop'], kind: machine },
    ],
    [
      'no audience in scopes without a resource server',
      { client_id: 'orders', sub: 'orders', token_use: 'access', scope: 'openid /read' },
      { ...orders, scopes: ['openid', '/read'], audience: [], kind: machine },
    ],
    [
      'no audience in aud',
      { client_id: 'orders', sub: 'orders', token_use: 'access', aud: API },
      { ...orders, scopes: [], audience: [], kind: machine },
    ],
    [
      'a user',
      { client_id: 'spa', sub: 'spa', username: 'alice', token_use: 'access', scope: `${API}/read` },
      { clientId: 'spa', scopes: [`${API}/read`], audience: [API], kind: user },
    ],
    [
      'neither, where it cannot be told',
      { client_id: 'spa', sub: '0e5f', token_use: 'access', scope: `${API}/read` },
      { clientId: 'spa', scopes: [`${API}/read`], audience: [API], kind: unknown },
    ],
  ],
  logto: [
    [
      'a machine',
      { client_id: 'orders', sub: 'orders', aud: API, scope: 'read' },
      { ...orders, scopes: ['read'], audience: [API], organization: undefined, kind: machine },
    ],
    [
      'a machine without scopes',
      { client_id: 'orders', sub: 'orders', aud: API },
      { ...orders, scopes: [], audience: [API], organization: undefined, kind: machine },
    ],
    [
      'an organization in the audience',
      { client_id: 'orders', sub: 'orders', aud: 'urn:logto:organization:org1', scope: 'read' },
      { ...orders, scopes: ['read'], audience: ['urn:logto:organization:org1'], organization: 'org1', kind: machine },
    ],
    [
      'an organization beside a resource',
      { client_id: 'orders', sub: 'orders', aud: API, organization_id: 'org1', scope: 'read' },
      { ...orders, scopes: ['read'], audience: [API], organization: 'org1', kind: machine },
    ],
    [
      'neither where the subject is another, as no claim is for users only',
      { client_id: 'spa', sub: 'k2j3', aud: API, scope: 'read' },
      { clientId: 'spa', scopes: ['read'], audience: [API], organization: undefined, kind: unknown },
    ],
    [
      'neither where there is no subject',
      { client_id: 'spa', aud: API },
      { clientId: 'spa', scopes: [], audience: [API], organization: undefined, kind: unknown },
    ],
  ],
  simpleIdServer: [
    [
      'a machine, its scopes in an array',
      { client_id: 'orders', aud: [API], scope: ['read', 'write'] },
      { ...orders, scopes: ['read', 'write'], audience: [API], kind: machine },
    ],
    [
      'no audience where it is only its own id',
      { client_id: 'orders', aud: ['orders'], scope: ['read'] },
      { ...orders, scopes: ['read'], audience: [], kind: machine },
    ],
    [
      'a user',
      { client_id: 'spa', sub: 'alice', aud: [API], scope: ['read'] },
      { clientId: 'spa', scopes: ['read'], audience: [API], kind: user },
    ],
    [
      'a user whose name is that of the client',
      { client_id: 'orders', sub: 'orders', aud: [API], scope: ['read'] },
      { ...orders, scopes: ['read'], audience: [API], kind: user },
    ],
  ],
  keycloak: [
    [
      'a machine, its roles for this API only',
      {
        azp: 'orders',
        client_id: 'orders',
        sub: 'f0e1',
        preferred_username: 'service-account-orders',
        aud: [API, 'account'],
        scope: 'profile email',
        realm_access: { roles: ['realm-admin'] },
        resource_access: { [API]: { roles: ['read', 'email'] }, account: { roles: ['manage-account'] } },
      },
      { ...orders, scopes: ['profile', 'email', 'read'], audience: [API, 'account'], kind: machine },
    ],
    [
      'no roles for an API that the token is not for',
      { azp: 'orders', client_id: 'orders', aud: 'account', resource_access: { [API]: { roles: ['read'] } } },
      { ...orders, scopes: [], audience: ['account'], kind: machine },
    ],
    [
      'no roles in ones of another type',
      { azp: 'orders', client_id: 'orders', aud: API, resource_access: { [API]: { roles: 'read' } } },
      { ...orders, scopes: [], audience: [API], kind: machine },
    ],
    [
      'no roles where resource_access is an array',
      { azp: 'orders', client_id: 'orders', aud: API, resource_access: [{ roles: ['read'] }] },
      { ...orders, scopes: [], audience: [API], kind: machine },
    ],
    [
      'a service that calls itself',
      { azp: API, client_id: API, aud: API, resource_access: { [API]: { roles: ['read'] } } },
      { clientId: API, scopes: ['read'], audience: [API], kind: machine },
    ],
    [
      'a user by the time of a login, also where another client exchanged the token',
      { azp: 'gateway', sid: '1', sub: 'alice', aud: API, jti: 'ntrtte:1', auth_time: 1 },
      { clientId: 'gateway', scopes: [], audience: [API], kind: user },
    ],
    ...['onrtcc', 'onrtrt', 'ntrtte', 'onrtro'].map((context): [string, Claims, CallerClaims] => [
      `neither by a session, which a service account may have, too: ${context}`,
      { azp: 'orders', sid: '1', sub: 'f0e1', aud: API, jti: `${context}:1`, email: 'orders@example.com' },
      { ...orders, scopes: [], audience: [API], kind: unknown },
    ]),
    [
      'a machine with a session, as refresh tokens for client credentials are on',
      { azp: 'orders', client_id: 'orders', sid: '1', sub: 'f0e1', aud: API },
      { ...orders, scopes: [], audience: [API], kind: machine },
    ],
    [
      'a machine of version 20 or older',
      { azp: 'orders', clientId: 'orders', sub: 'f0e1', aud: API, preferred_username: 'service-account-orders' },
      { ...orders, scopes: [], audience: [API], kind: machine },
    ],
    [
      'neither where a service account lacks the client scope service_account',
      { azp: 'orders', sub: 'f0e1', aud: API, preferred_username: 'service-account-orders', jti: 'trrtcc:1' },
      { ...orders, scopes: [], audience: [API], kind: unknown },
    ],
    [
      'neither in a lightweight token',
      { azp: 'orders', sub: 'f0e1', typ: 'Bearer', scope: 'profile', jti: 'trltcc:1' },
      { ...orders, scopes: ['profile'], audience: [], kind: unknown },
    ],
    [
      'neither in an exchanged token, whose azp is the exchanging client',
      { azp: 'gateway', sub: 'f0e1', aud: API, jti: 'trrtte:1' },
      { clientId: 'gateway', scopes: [], audience: [API], kind: unknown },
    ],
    [
      'neither by the name of a service account, which a user may choose',
      { azp: 'spa', preferred_username: 'service-account-spa', sub: 'alice', aud: API },
      { clientId: 'spa', scopes: [], audience: [API], kind: unknown },
    ],
    [
      'no audience where there is none',
      { azp: 'orders', client_id: 'orders', resource_access: { [API]: { roles: ['read'] } } },
      { ...orders, scopes: [], audience: [], kind: machine },
    ],
  ],
  entraId: [
    [
      'a machine of version 2',
      { azp: 'orders', idtyp: 'app', oid: '1', sub: '1', aud: 'shop', roles: ['Products.Read'] },
      { ...orders, scopes: ['Products.Read'], audience: ['shop'], kind: machine },
    ],
    [
      'a machine of version 1, without idtyp',
      { appid: 'orders', oid: '1', sub: '1', aud: 'api://shop', roles: ['Products.Read'] },
      { ...orders, scopes: ['Products.Read'], audience: ['api://shop'], kind: machine },
    ],
    [
      'a machine that calls itself',
      { azp: 'orders', idtyp: 'app', aud: 'orders' },
      { ...orders, scopes: [], audience: ['orders'], kind: machine },
    ],
    [
      "a user, whose own roles are not the client's",
      { azp: 'spa', oid: '2', sub: '3', aud: 'shop', scp: 'Products.Read', roles: ['Admin'] },
      { clientId: 'spa', scopes: ['Products.Read'], audience: ['shop'], kind: user },
    ],
    [
      'a user, whatever idtyp says',
      { azp: 'spa', idtyp: 'app', aud: 'shop', scp: '', roles: ['Admin'] },
      { clientId: 'spa', scopes: [], audience: ['shop'], kind: user },
    ],
    [
      'neither where idtyp is another',
      { azp: 'spa', idtyp: 'device', oid: '1', sub: '1', aud: 'shop', roles: ['Admin'] },
      { clientId: 'spa', scopes: [], audience: ['shop'], kind: unknown },
    ],
    [
      'neither, and no client, in an ID token',
      { oid: '2', sub: '3', aud: 'spa', roles: ['Admin'] },
      { clientId: undefined, scopes: [], audience: ['spa'], kind: unknown },
    ],
    [
      'neither where oid and sub are both absent',
      { azp: 'spa', aud: 'shop', roles: ['Admin'] },
      { clientId: 'spa', scopes: [], audience: ['shop'], kind: unknown },
    ],
  ],
  okta: [
    [
      'a machine',
      { cid: 'orders', sub: 'orders', aud: 'api://default', scp: ['products.read'] },
      { ...orders, scopes: ['products.read'], audience: ['api://default'], kind: machine },
    ],
    [
      'a user',
      { cid: 'spa', uid: '00u1', sub: 'alice@example.com', aud: ['api://default'], scp: ['openid'] },
      { clientId: 'spa', scopes: ['openid'], audience: ['api://default'], kind: user },
    ],
  ],
  hydra: [
    [
      'a machine',
      { client_id: 'orders', sub: 'orders', aud: [API], scp: ['read'] },
      { ...orders, scopes: ['read'], audience: [API], kind: machine },
    ],
    [
      'a machine with its scopes in a string, and no audience',
      { client_id: 'orders', sub: 'orders', aud: [], scope: 'read write' },
      { ...orders, scopes: ['read', 'write'], audience: [], kind: machine },
    ],
    [
      'scopes in scope where scp is empty',
      { client_id: 'orders', sub: 'orders', scp: [], scope: 'read' },
      { ...orders, scopes: ['read'], audience: [], kind: machine },
    ],
    [
      'neither where the subject is another, as no claim is for users only',
      { client_id: 'spa', sub: 'alice', aud: [API], scp: ['read'] },
      { clientId: 'spa', scopes: ['read'], audience: [API], kind: unknown },
    ],
    [
      'neither where there is no subject',
      { client_id: 'spa' },
      { clientId: 'spa', scopes: [], audience: [], kind: unknown },
    ],
  ],
  spring: [
    [
      'a machine that a token customizer made name its client and the API',
      { client_id: 'orders', sub: 'orders', aud: [API], scope: ['read', 'write'] },
      { ...orders, scopes: ['read', 'write'], audience: [API], kind: machine },
    ],
    [
      'neither where the subject is another, as no claim is for users only',
      { client_id: 'spa', sub: 'alice', aud: [API], scope: ['read'] },
      { clientId: 'spa', scopes: ['read'], audience: [API], kind: unknown },
    ],
    [
      'no client in a subject that is not the audience',
      { sub: 'alice', aud: ['spa'], scope: ['read'] },
      { clientId: undefined, scopes: ['read'], audience: ['spa'], kind: unknown },
    ],
    [
      'no client in a subject that is one of two audiences',
      { sub: 'orders', aud: ['orders', API] },
      { clientId: undefined, scopes: [], audience: ['orders', API], kind: unknown },
    ],
    [
      'no client in a subject without an audience',
      { scope: ['read'] },
      { clientId: undefined, scopes: ['read'], audience: [], kind: unknown },
    ],
  ],
  zitadel: [
    [
      'roles, and nobody can tell whose',
      {
        azp: 'orders',
        sub: '1',
        aud: ['orders', '42'],
        'urn:zitadel:iam:org:project:roles': { reader: { 1: 'acme' } },
      },
      { ...orders, scopes: ['reader'], audience: ['42'], kind: unknown },
    ],
    [
      'no roles in ones of another type',
      { azp: 'orders', aud: '42', 'urn:zitadel:iam:org:project:roles': ['reader'] },
      { ...orders, scopes: [], audience: ['42'], kind: unknown },
    ],
    [
      'no roles where there are none',
      { azp: 'orders', aud: '42' },
      { ...orders, scopes: [], audience: ['42'], kind: unknown },
    ],
  ],
};

const each = (Object.keys(tokens) as ServerName[]).flatMap((name) =>
  tokens[name].map(([what, claims, caller]) => [name, what, claims, caller] as const),
);

describe('readClaims', () => {
  it.each(each)('of %s reads %s', (name, _what, claims, caller) => {
    expect(read(name, claims)).toEqual(caller);
  });

  it('of spring reads the client from a subject that is the one audience, where no audience is checked', () => {
    const stock = { sub: 'orders', aud: 'orders', scope: ['read'] };
    expect(read('spring', stock, [])).toEqual({ ...orders, scopes: ['read'], audience: [], kind: machine });
    expect(read('spring', { ...stock, aud: ['orders'] }, []).clientId).toBe('orders');
    expect(() => read('spring', stock)).toThrow(
      'write audience: null with allowedClients, or add aud and client_id in a token customizer there',
    );
  });

  it.each(Object.keys(servers) as ServerName[])('of %s tells users only if tellsUsers says so', (name) => {
    const kinds = tokens[name].map(([, , { kind }]) => kind);
    expect(tellsUsers(servers[name].readClaims as object)).toBe(kinds.includes('user'));
  });

  it('reads a token of a server written by hand as the standard says', () => {
    expect(readStandardClaims({ client_id: 'orders', aud: API, scope: 'read' })).toEqual(
      read('oidc', { client_id: 'orders', aud: API, scope: 'read' }),
    );
  });

  it.each<[ServerName, Claims]>([
    ...(['oidc', 'auth0', 'cognito', 'logto', 'simpleIdServer', 'keycloak', 'hydra', 'zitadel'] as const).flatMap(
      (name): [ServerName, Claims][] => [
        [name, { azp: 'orders', client_id: 'billing', sub: 'orders' }],
        [name, { azp: 'orders', client_id: 'Orders' }],
        [name, { azp: 'orders', client_id: ['orders'] }],
        [name, { azp: 'orders', client_id: '' }],
        [name, { azp: null, client_id: 'orders' }],
      ],
    ),
    ['entraId', { azp: 'orders', appid: 'billing', idtyp: 'app' }],
    ['entraId', { azp: 7, idtyp: 'app' }],
    ['okta', { cid: ['orders'] }],
  ])('of %s refuses %j, whose client cannot be told', (name, claims) => {
    const error = outcomeOf(() => read(name, claims));
    expect(error).toBeInstanceOf(InvalidTokenError);
    expect(error).toMatchObject({ reason: 'claims' });
  });

  it.each(Object.keys(servers) as ServerName[])('of %s never takes the client from sub', (name) => {
    expect(read(name, { sub: 'orders', aud: [API], token_use: 'access' }).clientId).toBeUndefined();
  });

  it.each((Object.keys(servers) as ServerName[]).filter((name) => !['keycloak', 'entraId'].includes(name)))(
    "of %s does not count a caller's own id as an audience",
    (name) => {
      const claims = { client_id: API, azp: API, cid: API, aud: [API, 'other'], scope: 'other/read' };
      expect(read(name, claims).audience).toEqual(['other']);
    },
  );

  it.each(Object.keys(servers) as ServerName[])('of %s answers or refuses, whatever the claims are', (name) => {
    const names = [
      'sub',
      'aud',
      'scope',
      'scp',
      'azp',
      'client_id',
      'cid',
      'uid',
      'gty',
      'permissions',
      'roles',
      'resource_access',
      'org_id',
    ];
    const claims = fc.dictionary(fc.constantFrom(...names, '__proto__', 'constructor'), fc.jsonValue());
    fc.assert(
      fc.property(claims, (value) => {
        const outcome = outcomeOf(() => read(name, value, [API, 'constructor', '__proto__']));
        expect(outcome instanceof InvalidTokenError || isCaller(outcome as CallerClaims)).toBe(true);
      }),
    );
  });
});

function isCaller({ clientId, scopes, audience, kind }: CallerClaims): boolean {
  const texts = [...scopes, ...audience, clientId ?? '-'];
  return (
    ['machine', 'user', 'unknown'].includes(kind) && texts.every((text) => typeof text === 'string' && text !== '')
  );
}

describe('checkClaims', () => {
  it.each<[ServerName, Claims]>([
    ['cognito', { token_use: 'access' }],
    ['keycloak', { typ: 'Bearer' }],
    ['keycloak', {}],
  ])('of %s lets %j pass', (name, claims) => {
    expect(() => servers[name].checkClaims?.(claims)).not.toThrow();
  });

  it.each<[ServerName, Claims]>([
    ['cognito', { token_use: 'id' }],
    ['cognito', { token_use: ['access'] }],
    ['cognito', {}],
    ['keycloak', { typ: 'ID' }],
    ['keycloak', { typ: 'Refresh' }],
    ['keycloak', { typ: 'Logout' }],
    ['keycloak', { typ: null }],
  ])('of %s refuses %j, which is no access token', (name, claims) => {
    const error = outcomeOf(() => servers[name].checkClaims?.(claims));
    expect(error).toBeInstanceOf(InvalidTokenError);
    expect(error).toMatchObject({ reason: 'not-an-access-token' });
  });
});
