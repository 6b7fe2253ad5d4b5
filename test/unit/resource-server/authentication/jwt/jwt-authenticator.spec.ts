import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { cognito } from '../../../../../lib/authorization-servers/cognito.js';
import type { AuthorizationServer } from '../../../../../lib/authorization-servers/authorization-server.js';
import type { M2MResourceServerOptions } from '../../../../../lib/options/resource-server-options.js';
import { resolveOptions } from '../../../../../lib/options/resolve-options.js';
import type { AcceptedIssuer } from '../../../../../lib/resource-server/authentication/jwt/accepted-issuer.js';
import { Issuers } from '../../../../../lib/resource-server/authentication/issuers/issuers.js';
import { JwtAuthenticator } from '../../../../../lib/resource-server/authentication/jwt/jwt-authenticator.js';
import { KeySet } from '../../../../../lib/resource-server/authentication/jwt/key-set.js';
import { VerificationKey } from '../../../../../lib/resource-server/authentication/jwt/verification-key.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';
import { base64url, signCompact } from '../../../../support/issuer.js';

const issuer = 'https://as.test';
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
const clock = new TestClock();
const now = Math.floor(clock.wall() / 1000);

type Members = Record<string, unknown>;

const good = { iss: issuer, aud: 'api', sub: 'orders', client_id: 'orders', iat: now, exp: now + 300, jti: 'j' };

function mint(claims: Members = {}, header: Members = {}): string {
  const input = [
    { alg: 'ES256', kid: 'a', ...header },
    { ...good, ...claims },
  ].map((part) => JSON.stringify(part));
  return signCompact({ kid: 'a', alg: 'ES256', privateKey, jwk: {} }, input.map(base64url).join('.'));
}

/** An authenticator whose key set tells how often it was fetched. */
function authenticatorOf(
  { server = { issuer }, ...options }: Partial<M2MResourceServerOptions> & { server?: AuthorizationServer } = {},
  keys: () => VerificationKey[] = () => [new VerificationKey('a', 'ES256', pem)],
) {
  const { resourceServer } = resolveOptions({
    authorizationServer: server,
    resourceServer: { audience: 'api', ...options } as M2MResourceServerOptions,
  });
  if (!resourceServer) throw new Error('no resource server');
  const seen = { fetches: 0 };
  const fetchKeys = () => {
    seen.fetches += 1;
    return Promise.resolve(keys());
  };
  const keySet = new KeySet(issuer, fetchKeys, resourceServer.keySet, clock, new Subject());
  const accepted = resourceServer.issuers.map((each): AcceptedIssuer => ({
    options: each,
    keys: keySet,
    isAccepted: () => true,
  }));
  return { authenticator: new JwtAuthenticator(new Issuers(accepted, undefined), resourceServer, clock), seen, keySet };
}

describe('JwtAuthenticator', () => {
  it('returns what a genuine token says, and until when it is accepted', async () => {
    const token = await authenticatorOf().authenticator.authenticate(mint());
    expect(token.caller).toMatchObject({ clientId: 'orders', issuer, subject: 'orders', audience: ['api'] });
    expect(token).toMatchObject({ acceptedUntil: (now + 300) * 1000 + 5000, confirmation: undefined });
    expect([token.jti, token.issuedAt, token.isStillValid()]).toEqual(['j', now, true]);
  });

  it('leaves a confirmation to the door, whatever it is', async () => {
    const { authenticator } = authenticatorOf();
    for (const cnf of [{ jkt: 'a' }, {}, null]) {
      expect((await authenticator.authenticate(mint({ cnf }))).confirmation).toEqual(cnf);
    }
  });

  it('accepts the tokens of its issuers', () => {
    const { authenticator } = authenticatorOf();
    expect(authenticator.accepts(mint(), issuer)).toBe(true);
    expect(authenticator.accepts(mint(), 'https://other.test')).toBe(false);
    expect(authenticator.accepts('opaque', undefined)).toBe(false);
  });

  it('is ready once it has the keys', async () => {
    const { authenticator, seen } = authenticatorOf();
    await authenticator.ready();
    expect(seen.fetches).toBe(1);
  });

  it.each([
    ['too-large', () => mint({ filler: 'x'.repeat(20_000) })],
    ['malformed', () => mint().replace('.', '.!')],
    ['algorithm', () => mint({}, { alg: 'HS256' })],
    ['type', () => mint({}, { typ: 'logout+jwt' })],
    ['critical-header', () => mint({}, { crit: ['exp'] })],
    ['issuer', () => mint({ iss: 'https://other.test' })],
    ['expired', () => mint({ exp: now - 6 })],
    ['not-yet-valid', () => mint({ nbf: now + 6 })],
    ['too-old', () => mint({ iat: now - 3600 })],
    ['not-an-access-token', () => mint({ nonce: 'n' })],
    ['claims', () => mint({ jti: 1 })],
    ['audience', () => mint({ aud: 'other' })],
  ])('refuses before it asks for keys: %s', async (reason, token) => {
    const { authenticator, seen } = authenticatorOf({ maxTokenAge: 60_000 });
    await expect(authenticator.authenticate(token())).rejects.toMatchObject({ reason });
    expect(seen.fetches).toBe(0);
  });

  it('tells the audience before it asks for keys as the server does', async () => {
    const pool = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x';
    const server = { ...cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_x' }), jwksUri: `${issuer}/jwks` };
    const { authenticator, seen } = authenticatorOf({ server });
    const claims = { iss: pool, aud: undefined, token_use: 'access' };
    await expect(authenticator.authenticate(mint({ ...claims, scope: 'other/read' }))).rejects.toMatchObject({
      reason: 'audience',
    });
    expect(seen.fetches).toBe(0);
    await expect(authenticator.authenticate(mint({ ...claims, scope: 'api/read' }))).resolves.toBeDefined();
  });

  it('leaves it to the keys if the server cannot read claims that nothing vouches for', async () => {
    const server = {
      issuer,
      readClaims(): never {
        throw new Error('unreadable');
      },
    };
    const { authenticator, seen } = authenticatorOf({ server });
    const [header, payload] = mint().split('.');
    const forged = `${header}.${payload}.${Buffer.alloc(64, 1).toString('base64url')}`;
    await expect(authenticator.authenticate(forged)).rejects.toMatchObject({ reason: 'signature' });
    expect(seen.fetches).toBe(1);
  });

  it('shows nothing of an audience that nothing vouches for', async () => {
    const { authenticator } = authenticatorOf();
    await expect(authenticator.authenticate(mint({ aud: 'injected' }))).rejects.toThrow(/^(?!.*injected)/);
  });

  it('asks whether a caller is allowed only once the signature is verified', async () => {
    const { authenticator } = authenticatorOf({ allowedClients: ['billing'] });
    const [header, payload] = mint().split('.');
    const forged = `${header}.${payload}.${Buffer.alloc(64, 1).toString('base64url')}`;
    await expect(authenticator.authenticate(forged)).rejects.toMatchObject({ reason: 'signature' });
    await expect(authenticator.authenticate(mint())).rejects.toMatchObject({ code: 'ERR_M2M_CALLER_NOT_ALLOWED' });
  });

  it('reads a header that it has seen as if it were new', async () => {
    const { authenticator } = authenticatorOf();
    await authenticator.authenticate(mint());
    await expect(authenticator.authenticate(mint({ jti: 'k' }))).resolves.toMatchObject({ jti: 'k' });
    await expect(authenticator.authenticate(mint({}, { kid: 'b' }))).rejects.toMatchObject({ reason: 'key' });
  });

  it('says that a token no longer holds once its key is withdrawn', async () => {
    let keys = [new VerificationKey('a', 'ES256', pem)];
    const { authenticator, keySet } = authenticatorOf({}, () => keys);
    const token = await authenticator.authenticate(mint());
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    keys = [new VerificationKey('b', 'ES256', other.export({ format: 'pem', type: 'spki' }).toString())];
    await clock.advance(30_000);
    await keySet.find('ES256', 'b');
    expect(token.isStillValid()).toBe(false);
  });
});
