import https, { Agent } from 'node:https';
import { describe, expect, it } from '@jest/globals';
import { UnsecuredJWT } from 'jose';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { bindValue } from '../../../lib/client/tokens/acquisition/bound-value.js';
import { AuthorizationServerHttp } from '../../../lib/http/authorization-server-http.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { systemClock } from '../../../lib/time/clock.js';
import { selfSignedCertificate } from '../../support/certificates.js';
import { asking, clientTokenManager } from '../../support/client-token-manager.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { ScriptedTokenEndpoint } from '../../support/scripted-token-endpoint.js';
import { granted, passing, ScriptedUpstream, type Step } from '../../support/scripted-upstream.js';

const cnf = { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' };
const jwt = (claims: Record<string, unknown>) => new UnsecuredJWT(claims).encode();
const authorizationServer = {
  ...oidc({ issuer: 'https://id.example.com' }),
  tokenEndpoint: 'https://id.example.com/token',
};

/** A store that remembers all that was ever written to it. */
function watchedStore(clock?: TestClock) {
  const store = new MemoryTokenStore(clock);
  const written: string[] = [];
  const set = store.set.bind(store);
  store.set = (key, value, lifetime) => {
    written.push(value);
    return set(key, value, lifetime);
  };
  return { store, written };
}

const bodies: [string, (count: number) => Record<string, unknown>][] = [
  ['the token', (count) => ({ access_token: jwt({ jti: `t${count}`, cnf }) })],
  ['the answer', (count) => ({ access_token: `opaque-${count}`, cnf })],
];

describe.each(bodies)('a token that is bound to a key or certificate (cnf in %s)', (_where, body) => {
  const answer = (count: number): Step => ({ ...granted(''), body: { ...bodyOf(count) }, delay: 300 });
  const bodyOf = (count: number) => ({ token_type: 'Bearer', expires_in: 60, ...body(count) });

  it('never enters a shared store (claim 1.12)', async () => {
    const clock = new TestClock();
    const { store, written } = watchedStore(clock);
    const member = () =>
      clientTokenManager({ authorizationServer, tokenStore: store }, clock, new ScriptedUpstream(clock, answer));
    const token = await passing(clock, member().manager.getAccessToken(asking()));
    expect(token).toMatchObject({ value: { value: body(1)['access_token'] } });
    await clock.advance(0);
    expect(
      written.filter((value) => value.includes('cnf') || value.includes('opaque') || value.includes('ey')),
    ).toEqual([]);
  });

  it('makes each process request its own, all at once and not one after the other', async () => {
    const clock = new TestClock();
    const tokenStore = new MemoryTokenStore(clock);
    const upstream = new ScriptedUpstream(clock, answer);
    const members = Array.from({ length: 8 }, () =>
      clientTokenManager({ authorizationServer, tokenStore }, clock, upstream, { random: () => 1 }),
    );
    const all = Promise.all(members.map(async ({ manager }) => (await manager.getAccessToken(asking())).value));
    const result = await passing(clock, all);
    expect(new Set(result.status === 'fulfilled' ? result.value : [])).toHaveProperty('size', 8);
    // The first request tells; the others then look within 500 ms, and request theirs.
    expect(clock.monotonic()).toBeLessThanOrEqual(300 + 500 + 300);
  });
});

describe('a store that holds a token that is bound to a key or certificate', () => {
  it('gives it to nobody', async () => {
    const clock = new TestClock();
    const store = new MemoryTokenStore(clock);
    const record = JSON.stringify([jwt({ cnf }), 60_000, null, 1]);
    store.get = (key) =>
      Promise.resolve(key.startsWith('failure:') ? undefined : { value: bindValue(key, record), remaining: 60_000 });
    const upstream = new ScriptedUpstream(clock);
    const { manager, events } = clientTokenManager({ authorizationServer, tokenStore: store }, clock, upstream);
    expect(await passing(clock, manager.getAccessToken(asking()))).toMatchObject({ value: { value: 't1' } });
    expect(events[0]).toMatchObject({ error: { message: expect.stringContaining('bound to a key or certificate') } });
  });
});

describe('a token that may have been requested with a client certificate', () => {
  const endpoint = new ScriptedTokenEndpoint();
  const own = selfSignedCertificate('orders');
  const agents: [string, () => Agent][] = [
    ['cert and key', () => new Agent(own)],
    ['a pfx', () => new Agent({ pfx: Buffer.from('pfx') })],
    ['a secure context', () => new Agent({ secureContext: {} } as object)],
    ['options that nobody can see', () => ({ addRequest: () => undefined }) as unknown as Agent],
  ];

  /** How many tokens two processes wrote to one store, and how many they requested. */
  async function shared(httpsAgent: Agent | undefined): Promise<[written: number, requested: number]> {
    const { store, written } = watchedStore();
    for (let process = 0; process < 2; process++) {
      const http = new AuthorizationServerHttp({ httpsAgent }, systemClock);
      const options = { authorizationServer: endpoint.authorizationServer, tokenStore: store };
      const { manager } = clientTokenManager(options, systemClock, http);
      await manager.getAccessToken(asking());
      await manager.close();
    }
    return [written.filter((value) => value.includes('token-')).length, endpoint.count];
  }

  it.each(agents)('never enters a shared store if http.httpsAgent has %s', async (_name, agent) => {
    expect(await shared(agent())).toEqual([0, 2]);
  });

  it("never enters a shared store if Node's global agent has one", async () => {
    const { globalAgent } = https;
    try {
      https.globalAgent = new Agent(own);
      expect(await shared(undefined)).toEqual([0, 2]);
    } finally {
      https.globalAgent = globalAgent;
    }
  });

  it('is shared if the agent has authorities only', async () => {
    expect(await shared(new Agent({ ca: own.cert, keepAlive: true }))).toEqual([1, 1]);
  });
});
