import { describe, expect, it } from '@jest/globals';
import type { CallerClaims } from '../../../../../lib/authorization-servers/authorization-server.js';
import { cognito } from '../../../../../lib/authorization-servers/cognito.js';
import { keycloak } from '../../../../../lib/authorization-servers/keycloak.js';
import { readStandardClaims } from '../../../../../lib/authorization-servers/standard.js';
import { CallerNotAllowedError } from '../../../../../lib/errors/caller-not-allowed.error.js';
import { M2MConfigurationError } from '../../../../../lib/errors/configuration.error.js';
import { InvalidTokenError, type InvalidTokenReason } from '../../../../../lib/errors/invalid-token.error.js';
import type { ResolvedAuthorizationServer } from '../../../../../lib/options/authorization-server-fields.js';
import type { ResolvedIssuer } from '../../../../../lib/options/resolved-options.js';
import { resolvedClient } from '../../../../support/resolved-client.js';
import { readCaller } from '../../../../../lib/resource-server/authentication/jwt/read-caller.js';

const caller: CallerClaims = {
  clientId: 'orders',
  scopes: ['read', 'write'],
  audience: ['https://api.test', 'other'],
  organization: 'acme',
  kind: 'machine',
};

function issuer(
  options: Partial<ResolvedIssuer> = {},
  server: Partial<ResolvedAuthorizationServer> = {},
): ResolvedIssuer {
  return {
    authorizationServer: {
      ...resolvedClient().authorizationServer,
      name: 'test',
      issuer: 'https://as.test',
      acceptedIssuers: ['https://as.test'],
      readClaims: () => caller,
      ...server,
    },
    audience: ['https://api.test'],
    scopes: undefined,
    allowedClients: undefined,
    allowedOrganizations: undefined,
    callers: 'machine',
    tenant: undefined,
    introspection: undefined,
    path: 'resourceServer',
    ...options,
  };
}

const reads = (read: Partial<CallerClaims>): Partial<ResolvedAuthorizationServer> => ({
  readClaims: () => ({ ...caller, ...read }),
});

describe('readCaller', () => {
  it('reads the caller as its authorization server says', () => {
    expect(readCaller({}, issuer())).toEqual(caller);
  });

  it('tells the authorization server which audience counts', () => {
    const problem: unknown[] = [];
    const readClaims = (_claims: unknown, audience: unknown): CallerClaims => (problem.push(audience), caller);
    readCaller({}, issuer({}, { readClaims }));
    readCaller({}, issuer({ audience: null }, { readClaims }));
    expect(problem).toEqual([['https://api.test'], []]);
  });

  it('honours only the scopes that an issuer is trusted with', () => {
    expect(readCaller({}, issuer({ scopes: ['write', 'admin'] })).scopes).toEqual(['write']);
    expect(readCaller({}, issuer({ scopes: [] })).scopes).toEqual([]);
  });

  it.each([
    ['audience', { audience: [] }],
    ['audience', { audience: ['https://api.test/'] }],
    ['audience', { audience: ['https://API.test'] }],
    ['audience', { audience: ['https://api.tes', 'https://api.test.evil.test'] }],
    ['client', { clientId: undefined }],
    ['client', { clientId: '' }],
  ])('refuses the token for its %s: %j', (reason, read) => {
    expect(() => readCaller({}, issuer({}, reads(read)))).toThrow(expect.objectContaining({ reason }));
  });

  it('does not look at the audience where that is deliberately unchecked', () => {
    expect(readCaller({}, issuer({ audience: null }, reads({ audience: [] }))).audience).toEqual([]);
  });

  it.each([
    ['not-an-access-token', 'not-an-access-token'],
    ['own reason', 'claims'],
  ])('names the product in a refusal by a rule of its own, which may give the reason %j', (given, reason) => {
    const cause = new InvalidTokenError(given as InvalidTokenReason, 'token_use is id');
    const checkClaims = (): never => {
      throw cause;
    };
    const message = 'test: token_use is id';
    expect(() => readCaller({}, issuer({}, { checkClaims }))).toThrow(
      expect.objectContaining({ reason, message, cause }),
    );
  });

  it.each([
    [keycloak({ url: 'https://sso.test', realm: 'acme' }), { typ: 'ID' }, 'Keycloak: its claim typ is neither'],
    [cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_abc' }), {}, 'Cognito: its claim token_use is not access'],
    [
      keycloak({ url: 'https://sso.test', realm: 'acme' }),
      { azp: 'a', client_id: 'b' },
      'Keycloak: the claims azp and',
    ],
  ])('names the product in its own rules: $name %j', (server, claims, message) => {
    expect(() => readCaller(claims, issuer({}, server as Partial<ResolvedAuthorizationServer>))).toThrow(message);
  });

  it('names the client in the error about a caller who is not allowed', () => {
    const refused = { clientId: 'orders', issuer: 'https://as.test' };
    expect(() => readCaller({}, issuer({ allowedClients: [] }, reads({})))).toThrow(expect.objectContaining(refused));
  });

  it('refuses a token whose claims its authorization server cannot read', () => {
    const cause = new TypeError('undefined is not a function');
    const readClaims = (): never => {
      throw cause;
    };
    expect(() => readCaller({}, issuer({}, { readClaims }))).toThrow(
      expect.objectContaining({ reason: 'claims', cause }),
    );
  });

  it.each([
    ['a user', {}, { kind: 'user' }],
    ['what may be a user', {}, { kind: 'unknown' }],
    ['another client', { allowedClients: ['Orders', 'order'] }, {}],
    ['no client at all', { allowedClients: [] }, {}],
    ['another organization', { allowedOrganizations: ['acme '] }, {}],
    ['no organization', { allowedOrganizations: ['acme'] }, { organization: undefined }],
  ] as [string, Partial<ResolvedIssuer>, Partial<CallerClaims>][])('turns %s away', (_who, options, read) => {
    expect(() => readCaller({}, issuer(options, reads(read)))).toThrow(CallerNotAllowedError);
  });

  it.each([
    ['anybody who may be a user', { callers: 'any' }, { kind: 'user' }],
    ['anybody who may be anything', { callers: 'any' }, { kind: 'unknown' }],
    ['a client that is listed', { allowedClients: ['billing', 'orders'] }, {}],
    ['an organization that is listed', { allowedOrganizations: ['acme'] }, {}],
  ] as [string, Partial<ResolvedIssuer>, Partial<CallerClaims>][])('lets %s in', (_who, options, read) => {
    expect(readCaller({}, issuer(options, reads(read))).clientId).toBe('orders');
  });

  it('says what helps if a token does not tell whose it is', () => {
    const claims = { client_id: 'orders', sub: 'orders@clients', aud: ['https://api.test'] };
    const remedies = "list the client in allowedClients with callers: 'any', or write a readClaims of your own";
    expect(() => readCaller(claims, issuer({}, { readClaims: readStandardClaims }))).toThrow(
      `use the factory of that product (keycloak, auth0, spring, ...) in place of oidc, or ${remedies}`,
    );
    expect(() => readCaller({}, issuer({}, reads({ kind: 'unknown' })))).toThrow(
      `from a user; ${remedies}; for users of M2MGuard.or: its isUser`,
    );
  });

  it('says the line that would allow a caller', () => {
    for (const kind of ['user', 'unknown'] as const) {
      expect(() => readCaller({}, issuer({}, reads({ kind })))).toThrow(/the client "orders" .*callers: 'any'/);
    }
  });

  it.each<[string, Record<string, unknown>]>([
    ['an audience that is a text', { readClaims: () => ({ ...caller, audience: 'https://api.test/and/more' }) }],
    ['scopes that are a text', { readClaims: () => ({ ...caller, scopes: 'read admin' }) }],
    ['a list of scopes that is none of texts', { readClaims: () => ({ ...caller, scopes: [['read']] }) }],
    ['no scopes', { readClaims: () => ({ ...caller, scopes: undefined }) }],
    ['a kind that is none', { readClaims: () => ({ ...caller, kind: 'User' }) }],
    ['an organization that is a number', { readClaims: () => ({ ...caller, organization: 42 }) }],
    ['a client that is a number', { readClaims: () => ({ ...caller, clientId: 42 }) }],
    ['nothing', { readClaims: () => undefined }],
    ['a promise', { readClaims: () => Promise.resolve(caller) }],
    ['a promise of a check', { checkClaims: () => Promise.reject(new InvalidTokenError('claims', 'no')) }],
    ['the answer of a check', { checkClaims: () => false }],
  ])('lets no token by a server written by hand that returns %s', (_, server) => {
    expect(() => readCaller({}, issuer({}, server as Partial<ResolvedAuthorizationServer>))).toThrow(
      M2MConfigurationError,
    );
  });
});
