import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { clientAssertion } from '../../../lib/client-authentication/client-assertion.js';
import { clientSecretJwt } from '../../../lib/client-authentication/client-secret-jwt.js';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import type { M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { asking, clientTokenManager, simulatedTokenManager } from '../../support/client-token-manager.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { granted, refused, ScriptedUpstream } from '../../support/scripted-upstream.js';

const tokenEndpoint = 'https://id.example.com/token';
const authorizationServer = { ...oidc({ issuer: 'https://id.example.com' }), tokenEndpoint };
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** A client with an assertion by somebody else, at a server that takes only the assertion `right`. */
function clientOf(assertion: () => string) {
  let asked = 0;
  const clientAuthentication = clientAssertion(() => {
    asked += 1;
    return assertion();
  });
  const made = simulatedTokenManager({ clientSecret: undefined, clientAuthentication });
  made.upstream.answer = (count, body) =>
    body.get('client_assertion') === 'right' ? granted(`t${count}`) : refused(401, 'invalid_client');
  return { ...made, asked: () => asked };
}

describe('an assertion that is refused', () => {
  it('is looked at again at once', async () => {
    let current = 'wrong';
    const { get, upstream } = clientOf(() => current);
    await expect(get()).rejects.toMatchObject({ error: 'invalid_client' });
    current = 'right';
    expect(await get()).toBe('t2');
    expect(upstream.requests).toHaveLength(2);
  });

  it('is looked at every 5 s, and another one ends the pause', async () => {
    let current = 'wrong';
    const { get, clock, upstream, asked } = clientOf(() => current);
    for (let i = 0; i < 64; i++) {
      await get().catch(() => undefined);
      await clock.advance(1000);
    }
    expect(upstream.times).toEqual([0, 5000, 15_000, 35_000]);
    expect(asked()).toBeGreaterThan(10);
    expect(asked()).toBeLessThan(20);
    current = 'right';
    for (let i = 0; i < 5; i++) {
      await get().catch(() => undefined);
      await clock.advance(1000);
    }
    expect(await get()).toBe('t5');
  });

  it('is asked for less and less often if every answer is another one', async () => {
    let count = 0;
    const { get, clock, upstream } = clientOf(() => `new-${(count += 1)}`);
    for (let i = 0; i < 4000; i++) {
      await get().catch(() => undefined);
      await clock.advance(500);
    }
    const pauses = upstream.times.map((time, index, times) => time - (times[index - 1] ?? 0)).slice(1);
    // One request more than for one that stays the same: the first change might have helped.
    expect(pauses.slice(0, 4)).toEqual([500, 10_000, 20_000, 40_000]);
    expect(upstream.requests.length).toBeLessThanOrEqual(14);
  });

  it('is looked at every 5 s again once it stays the same', async () => {
    let current = '';
    const { get, clock, upstream } = clientOf(() => current);
    const calls = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        await get().catch(() => undefined);
        await clock.advance(1000);
      }
    };
    for (const change of ['wrong', 'wrong too', 'wrong as well', 'wrong again']) {
      current = change;
      await calls(60);
    }
    const before = upstream.requests.length;
    current = 'right';
    await calls(6);
    expect(await get()).toBe(`t${before + 1}`);
  });

  it('keeps all requests of its client away', async () => {
    const { manager, parameters, get, upstream } = clientOf(() => 'wrong');
    await get().catch(() => undefined);
    await expect(manager.getAccessToken({ ...parameters, audience: 'b' })).rejects.toThrow('next attempt');
    expect(upstream.requests).toHaveLength(1);
  });
});

describe.each<[string, () => Partial<M2MNamedClientOptions>]>([
  ['an assertion by somebody else', () => withoutSecret(clientAssertion(() => 'its own'))],
  ['a private key', () => withoutSecret(privateKeyJwt({ key: privateKey, alg: 'ES256' }))],
  ['a secret that signs', () => ({ clientAuthentication: clientSecretJwt(), clientSecret: 'x'.repeat(32) })],
])('%s that is refused in one process', (_name, options) => {
  it('is tried in the others, and not again in that one', async () => {
    const clock = new TestClock();
    const tokenStore = new MemoryTokenStore(clock);
    const upstream = new ScriptedUpstream(clock, (count) =>
      count === 1 ? refused(401, 'invalid_client') : granted(`t${count}`),
    );
    const made = () =>
      clientTokenManager({ authorizationServer, tokenStore, ...options() }, clock, upstream, { random: () => 0.5 });
    const [unlucky, healthy] = [made().manager, made().manager];
    const ask = (manager: typeof healthy, audience: string) => manager.getAccessToken(asking({ audience }));
    await expect(ask(unlucky, 'a')).rejects.toMatchObject({ error: 'invalid_client' });
    await expect(ask(healthy, 'b')).resolves.toMatchObject({ value: 't2' });
    await expect(ask(unlucky, 'c')).rejects.toThrow('next attempt is made in 5 s');
    expect(upstream.requests).toHaveLength(2);
  });
});

function withoutSecret(clientAuthentication: NonNullable<M2MNamedClientOptions['clientAuthentication']>) {
  return { clientSecret: undefined, clientAuthentication };
}
