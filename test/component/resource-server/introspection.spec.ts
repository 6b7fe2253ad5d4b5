import { describe, expect, it } from '@jest/globals';
import { KeysUnavailableError } from '../../../lib/errors/keys-unavailable.error.js';
import { until } from '../../support/until.js';
import { IntrospectionScene } from './introspection-scene.js';

const SECOND = 1000;

describe('M2MTokenVerifier with introspection', () => {
  it('accepts an opaque token that the authorization server says is active', async () => {
    await using scene = await IntrospectionScene.set();
    const caller = await scene.verifier.verify(await scene.server.mint({ scope: 'read:products' }));
    expect(caller).toMatchObject({ clientId: 'orders', scopes: ['read:products'], audience: ['api'], kind: 'machine' });
    expect(caller.claims).toMatchObject({ active: true, client_id: 'orders' });
    const [request] = scene.server.requests('introspection');
    expect(request?.parameters).toMatchObject({ token_type_hint: 'access_token' });
    expect(request?.clientId).toBe('products-api');
  });

  it('refuses one that it says is not active, and says that it may not be for this client', async () => {
    await using scene = await IntrospectionScene.set();
    const failure = await scene.failureOf('never-issued');
    expect(failure).toMatchObject({ code: 'ERR_M2M_INVALID_TOKEN', reason: 'inactive' });
    expect(failure.message).toContain('not active, or not for this client ("products-api")');
  });

  it('asks once about a token that passes, until its time to live is over', async () => {
    await using scene = await IntrospectionScene.set({ ttl: 20 * SECOND });
    const token = await scene.server.mint();
    const caller = await scene.verifier.verify(token);
    await scene.clock.advance(20 * SECOND - 1);
    expect(scene.verifier.remembered(token)).toBe(caller);
    expect(await scene.verifier.verify(token)).toBe(caller);
    expect(scene.asked).toBe(1);
    await scene.clock.advance(1);
    expect(scene.verifier.remembered(token)).toBeUndefined();
    expect(await scene.fate(token)).toBe('orders');
    expect(scene.asked).toBe(2);
  });

  it('refuses a revoked token within the time to live, on a warm cache (claim 3.11)', async () => {
    await using scene = await IntrospectionScene.set({ ttl: 20 * SECOND });
    const token = await scene.server.mint();
    expect(await scene.fate(token)).toBe('orders');
    await scene.clock.advance(19 * SECOND);
    scene.server.revoke(token);
    expect(await scene.fate(token)).toBe('orders');
    await scene.clock.advance(SECOND);
    expect(await scene.fate(token)).toBe('inactive');
  });

  it('asks again after the machine was suspended, when only the wall clock went on (claim 3.11)', async () => {
    await using scene = await IntrospectionScene.set();
    const token = await scene.server.mint();
    expect(await scene.fate(token)).toBe('orders');
    scene.server.revoke(token);
    scene.clock.jump(60 * SECOND);
    expect(await scene.fate(token)).toBe('inactive');
  });

  it('takes a token back wherever it is remembered, once it is not active (claim 3.11)', async () => {
    await using scene = await IntrospectionScene.set();
    const authenticator = scene.authenticator();
    const token = await scene.server.mint();
    const authenticated = await authenticator.authenticate(token);
    expect(authenticated.isStillValid()).toBe(true);
    scene.server.revoke(token);
    await expect(authenticator.authenticate(token)).rejects.toMatchObject({ reason: 'inactive' });
    expect(authenticated.isStillValid()).toBe(false);
  });

  it('accepts no token beyond its end, though its time to live is longer', async () => {
    await using scene = await IntrospectionScene.set({}, { clockTolerance: 0 });
    const token = await scene.server.mint({ expiresIn: 30 * SECOND });
    expect(await scene.fate(token)).toBe('orders');
    await scene.clock.advance(30 * SECOND);
    expect(await scene.fate(token)).toBe('inactive');
  });

  it('does not use what it knew while the authorization server is down (claim 3.12)', async () => {
    await using scene = await IntrospectionScene.set({ ttl: 20 * SECOND });
    const token = await scene.server.mint();
    expect(await scene.fate(token)).toBe('orders');
    await scene.clock.advance(20 * SECOND);
    await scene.server.goDown();
    expect(await scene.failureOf(token)).toBeInstanceOf(KeysUnavailableError);
    await scene.server.comeBack();
    expect(await scene.fate(token)).toBe('orders');
  });

  it('ends a connection with its token while the authorization server is down (claim 4.11)', async () => {
    await using scene = await IntrospectionScene.set({}, { clockTolerance: 0 });
    const token = await scene.server.mint({ expiresIn: 40 * SECOND });
    const caller = await scene.verifier.verify(token);
    let ended = 0;
    const end = (): void => {
      ended += 1;
    };
    scene.verifier.connections.watch({ key: {}, end, onEnd: () => undefined }, token, caller);
    await scene.server.goDown();
    await scene.clock.advance(38 * SECOND);
    expect(ended).toBe(0);
    await scene.clock.advance(3 * SECOND);
    await until(() => ended === 1);
    await scene.server.comeBack();
  });

  it('remembers a refusal for its own time to live, and asks once meanwhile', async () => {
    await using scene = await IntrospectionScene.set({ negativeTtl: 5 * SECOND });
    for (let count = 0; count < 3; count += 1) expect(await scene.fate('never-issued')).toBe('inactive');
    expect(scene.asked).toBe(1);
    await scene.clock.advance(5 * SECOND);
    expect(await scene.fate('never-issued')).toBe('inactive');
    expect(scene.asked).toBe(2);
  });

  it('does not remember that a token was early', async () => {
    await using scene = await IntrospectionScene.set({ negativeTtl: 60 * SECOND });
    const nbf = Math.floor(scene.clock.wall() / SECOND) + 8;
    const token = await scene.server.mint({ claims: { nbf } });
    expect(await scene.fate(token)).toBe('not-yet-valid');
    await scene.clock.advance(8 * SECOND);
    expect(await scene.fate(token)).toBe('orders');
  });

  it('remembers a token again that is active again', async () => {
    await using scene = await IntrospectionScene.set({ ttl: 20 * SECOND, negativeTtl: 0 });
    const token = await scene.server.mint();
    expect(await scene.fate(token)).toBe('orders');
    await scene.clock.advance(20 * SECOND);
    scene.server.fail({ status: 200, body: { active: false }, endpoint: 'introspection' });
    expect(await scene.fate(token)).toBe('inactive');
    for (let count = 0; count < 3; count += 1) expect(await scene.fate(token)).toBe('orders');
    expect(scene.asked).toBe(3);
  });

  it('asks once for all requests that come with one token', async () => {
    await using scene = await IntrospectionScene.set();
    const token = await scene.server.mint();
    const fates = await Promise.all(Array.from({ length: 20 }, () => scene.fate(token)));
    expect(new Set(fates)).toEqual(new Set(['orders']));
    expect(scene.asked).toBe(1);
  });

  it.each([
    ['no exp', { exp: undefined }, 'claims'],
    ['another audience', { aud: 'other' }, 'audience'],
    ['another issuer', { iss: 'https://other.test' }, 'issuer'],
    ['a cnf that the request does not meet', { cnf: { jkt: 'a'.repeat(43) } }, 'sender-constrained'],
    ['a cnf of null', { cnf: null }, 'sender-constrained'],
    ['the token_type DPoP without a cnf', { token_type: 'DPoP' }, 'sender-constrained'],
    ['the typ DPoP without a cnf', { typ: 'DPoP' }, 'sender-constrained'],
    ['no word on what it is', { token_type: undefined }, 'not-an-access-token'],
    ['another token_type', { token_type: 'refresh_token' }, 'not-an-access-token'],
    ['the token_use of a refresh token', { token_use: 'refresh_token' }, 'not-an-access-token'],
    ['the typ of a refresh token', { typ: 'Refresh' }, 'not-an-access-token'],
    ['the nonce of an ID token', { nonce: 'n' }, 'not-an-access-token'],
    ['a time that is to come', { nbf: 4e9 }, 'not-yet-valid'],
    ['active as a text', { active: 'true' }, 'ERR_M2M_KEYS_UNAVAILABLE'],
    ['active as a number', { active: 1 }, 'ERR_M2M_KEYS_UNAVAILABLE'],
    ['no subject, so that it proves no machine', { sub: undefined }, 'ERR_M2M_CALLER_NOT_ALLOWED'],
    ['a user', { sub: 'ada', sid: 's' }, 'ERR_M2M_CALLER_NOT_ALLOWED'],
  ])('refuses an answer with %s (claim 3.13)', async (_what, claims, fate) => {
    await using scene = await IntrospectionScene.set();
    expect(await scene.fate(await scene.server.mint({ claims }))).toBe(fate);
  });

  it('takes a token without a subject from a client that is allowed by name', async () => {
    await using scene = await IntrospectionScene.set({}, { callers: 'any', allowedClients: ['orders'] });
    const caller = await scene.verifier.verify(await scene.server.mint({ claims: { sub: undefined } }));
    expect(caller.kind).toBe('unknown');
  });

  it.each(['with space', 'ümlaut', 'x'.repeat(16 * 1024 + 1), 'a=b'])(
    'asks nobody about what cannot be a token (claim 3.14)',
    async (text) => {
      await using scene = await IntrospectionScene.set();
      expect(['malformed', 'too-large']).toContain(await scene.fate(text));
      expect(scene.asked).toBe(0);
    },
  );

  it('asks nobody about a token with another prefix (claim 3.14)', async () => {
    await using scene = await IntrospectionScene.set({ tokenPrefix: 'at_' });
    const failure = await scene.failureOf(await scene.server.mint());
    expect(failure).toMatchObject({ reason: 'malformed' });
    expect(scene.asked).toBe(0);
    expect(await scene.fate('at_never-issued')).toBe('inactive');
  });

  it('verifies JWTs itself, and does not introspect those that fail (claim 3.15)', async () => {
    await using scene = await IntrospectionScene.set();
    const token = await scene.server.mint({ format: 'jwt' });
    expect(await scene.fate(token)).toBe('orders');
    expect(await scene.fate(`${token.slice(0, -4)}AAAA`)).toBe('signature');
    expect(await scene.fate(await scene.server.mint({ format: 'jwt', claims: { iss: undefined } }))).toBe('issuer');
    expect(scene.asked).toBe(0);
  });

  it('introspects the JWTs of its issuer if it always does, and asks nobody about those that are over', async () => {
    await using scene = await IntrospectionScene.set({ when: 'always' });
    const token = await scene.server.mint({ format: 'jwt' });
    expect(await scene.fate(token)).toBe('orders');
    expect(scene.asked).toBe(1);
    expect(scene.server.requests('keys')).toEqual([]);
    expect(await scene.fate(await scene.server.mint({ format: 'jwt', expiresIn: -60 * SECOND }))).toBe('expired');
    expect(await scene.fate(await scene.server.mint({ format: 'jwt', header: { typ: 'logout+jwt' } }))).toBe('type');
    const ofUser = await scene.server.mint({ format: 'jwt', claims: { nonce: 'n' } });
    expect(await scene.fate(ofUser)).toBe('not-an-access-token');
    expect(scene.asked).toBe(1);
    scene.server.revoke(token);
    await scene.clock.advance(60 * SECOND);
    expect(await scene.fate(token)).toBe('inactive');
  });

  describe('for a JWT whose answer says less', () => {
    const says = { active: true, client_id: 'orders', sub: 'orders', aud: 'api', token_type: 'Bearer' };
    const fateOfJwt = async (claims: Readonly<Record<string, unknown>>): Promise<string> => {
      await using scene = await IntrospectionScene.set({ when: 'always' });
      const exp = Math.floor(scene.clock.wall() / SECOND) + 3600;
      scene.server.fail({ status: 200, body: { ...says, exp }, endpoint: 'introspection' });
      return await scene.fate(await scene.server.mint({ format: 'jwt', claims }));
    };

    it('accepts it if it is bound to nothing', async () => {
      expect(await fateOfJwt({})).toBe('orders');
    });

    it.each([
      ['cnf', { cnf: { jkt: 'a'.repeat(43) } }],
      ['empty cnf', { cnf: {} }],
      ['typ DPoP', { typ: 'DPoP' }],
    ])('holds it to its own %s (claim 3.13)', async (_name, claims) => {
      expect(await fateOfJwt(claims)).toBe('sender-constrained');
    });

    it('accepts it until its own end, though the answer names a later one (claim 3.11)', async () => {
      await using scene = await IntrospectionScene.set({ when: 'always' }, { clockTolerance: 0 });
      const exp = Math.floor(scene.clock.wall() / SECOND) + 3600;
      scene.server.fail({ status: 200, body: { ...says, exp }, endpoint: 'introspection' });
      const token = await scene.server.mint({ format: 'jwt', expiresIn: 30 * SECOND });
      const { expiresAt } = await scene.verifier.verify(token);
      expect(expiresAt - scene.clock.wall()).toBeLessThanOrEqual(30 * SECOND);
      await scene.clock.advance(30 * SECOND);
      expect(scene.asked).toBe(1);
      expect(await scene.fate(token)).toBe('expired');
    });
  });

  it('leaves JWTs of other issuers to the rules of JWTs', async () => {
    await using scene = await IntrospectionScene.set({ when: 'always' });
    const token = await scene.server.mint({ format: 'jwt', claims: { iss: 'https://other.test' } });
    expect(await scene.fate(token)).toBe('issuer');
    expect(scene.asked).toBe(0);
  });
});
