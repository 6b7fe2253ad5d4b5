import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { bindValue } from '../../../lib/client/tokens/acquisition/bound-value.js';
import type { M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import { M2MError } from '../../../lib/errors/m2m.error.js';
import { asking } from '../../support/client-token-manager.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { json } from '../../support/http-server.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { ScriptedTokenEndpoint, tokenResponse } from '../../support/scripted-token-endpoint.js';

const TOKEN = 'eyJ0b2tlbg';

const endpoint = new ScriptedTokenEndpoint();

describe('a token store', () => {
  it('spares a second process the request', async () => {
    const tokenStore = new MemoryTokenStore();
    const first = await endpoint.manager({ tokenStore }).manager.getAccessToken(asking());
    const second = endpoint.manager({ tokenStore });
    expect(await second.manager.getAccessToken(asking())).toMatchObject({ value: first.value });
    expect([endpoint.count, second.events]).toEqual([1, []]);
  });

  it.each<[string, Partial<M2MNamedClientOptions>]>([
    ['verifyScope', { verifyScope: 'strict' }],
    [
      'readTokenResponse',
      {
        authorizationServer: {
          ...oidc({ issuer: 'https://id.example.com' }),
          readTokenResponse: () => Promise.reject(new Error('broken')),
        },
      },
    ],
  ])('passes on no failure that is due to the %s of one process', async (_name, options) => {
    endpoint.answer = (_request, response) => json(response, 200, { ...tokenResponse('token'), scope: '' });
    const tokenStore = new MemoryTokenStore();
    const { authorizationServer } = options;
    const server = { ...authorizationServer, ...endpoint.authorizationServer };
    const strict = endpoint.manager({ tokenStore, ...options, authorizationServer: server });
    await expect(strict.manager.getAccessToken(asking({ scope: 'read' }))).rejects.toBeInstanceOf(M2MError);
    await strict.manager.close();
    const other = endpoint.manager({ tokenStore, verifyScope: 'off' });
    expect(await other.manager.getAccessToken(asking({ scope: 'read' }))).toMatchObject({ value: 'token' });
  });

  it('is asked for a newer token before one is requested', async () => {
    const tokenStore = new MemoryTokenStore();
    const [one, two] = [endpoint.manager({ tokenStore }), endpoint.manager({ tokenStore })];
    const { value } = await one.manager.getAccessToken(asking());
    await two.manager.getAccessToken(asking());
    await one.manager.invalidate(asking(), value);
    await two.manager.invalidate(asking(), value);
    const [renewed, found] = [await one.manager.getAccessToken(asking()), await two.manager.getAccessToken(asking())];
    expect([renewed.value, found.value, endpoint.count]).toEqual(['token-2', 'token-2', 2]);
  });

  it('keeps a newer token when an older one is forgotten, and forgets any when none is named', async () => {
    const tokenStore = new MemoryTokenStore();
    const { manager } = endpoint.manager({ tokenStore });
    await manager.getAccessToken(asking());
    await manager.invalidate(asking(), 'another');
    expect(tokenStore.size).toBe(1);
    await manager.invalidate(asking());
    expect(tokenStore.size).toBe(0);
  });

  it('does not help with a token that is almost used up', async () => {
    const clock = new TestClock();
    const tokenStore = new MemoryTokenStore(clock);
    await endpoint.manager({ tokenStore }, clock).manager.getAccessToken(asking());
    await clock.advance(58_000);
    expect(await endpoint.manager({ tokenStore }, clock).manager.getAccessToken(asking())).toMatchObject({
      value: 'token-2',
    });
  });

  it.each(['get', 'set', 'delete'] as const)('that cannot %s is passed over', async (method) => {
    const tokenStore = new MemoryTokenStore();
    const { manager, events } = endpoint.manager({ tokenStore });
    Object.assign(tokenStore, { [method]: () => Promise.reject(new Error(`broken with ${TOKEN}`)) });
    await manager.getAccessToken(asking());
    await manager.invalidate(asking());
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'store-failed',
        error: expect.objectContaining({ code: 'ERR_M2M_TOKEN_STORE' }),
      }),
    );
    expect(inspect(events, { depth: 9 })).not.toContain(TOKEN);
  });

  it('that answers null has nothing', async () => {
    const tokenStore = new MemoryTokenStore();
    tokenStore.get = () => Promise.resolve(null as unknown as undefined);
    const { manager, events } = endpoint.manager({ tokenStore });
    expect(await manager.getAccessToken(asking())).toMatchObject({ value: 'token-1' });
    await manager.invalidate(asking(), 'token-1');
    expect(events.map(({ type }) => type)).toEqual(['issued']);
  });

  it.each([
    '',
    'garbage',
    'null',
    '["x",60000,"y",1]',
    '[2,60000,null,1]',
    '["x","60000",null,1]',
    '["",60000,null,1]',
    '["a\\r\\nb",60000,null,1]',
    '["ä",60000,null,1]',
    '["x",1e999,null,1]',
    '["x",0,null,1]',
    '["x",60000,null]',
    '["x",60000,null,-1]',
    '["x",60000,null,1e999]',
  ])('that holds %j is passed over', async (text) => {
    const tokenStore = new MemoryTokenStore();
    tokenStore.get = (key) => Promise.resolve({ value: bindValue(key, text), remaining: 60_000 });
    const { manager, events } = endpoint.manager({ tokenStore });
    expect(await manager.getAccessToken(asking())).toMatchObject({ value: 'token-1' });
    expect(events.map(({ type }) => type)).toEqual(['store-failed', 'issued']);
  });

  it.each([
    ['newer', (value: string) => value.replace(/^2:/, '3:')],
    ['older', (value: string) => value.replace(/^2:/, '1:')],
    ['much older', () => '[1,"x",60000,null,1]'],
  ])('that holds the value of a %s version is passed over', async (_name, written) => {
    const tokenStore = new MemoryTokenStore();
    await endpoint.manager({ tokenStore }).manager.getAccessToken(asking());
    const get = tokenStore.get.bind(tokenStore);
    tokenStore.get = async (key) => {
      const stored = await get(key);
      return stored && { ...stored, value: written(stored.value) };
    };
    const { manager, events } = endpoint.manager({ tokenStore });
    expect(await manager.getAccessToken(asking())).toMatchObject({ value: 'token-2' });
    expect(events).toMatchObject([
      { type: 'store-failed', error: { message: expect.stringContaining('not written by this version') } },
      { type: 'issued' },
    ]);
  });

  it('in which the entry of one client was copied over that of another gives its token to neither of them', async () => {
    const keys: string[] = [];
    const tokenStore = new MemoryTokenStore();
    const set = tokenStore.set.bind(tokenStore);
    tokenStore.set = (key, ...rest) => set(keys[keys.push(key) - 1] ?? '', ...rest);
    const [orders, reports] = ['orders', 'reports'].map((clientId) => () => endpoint.manager({ tokenStore, clientId }));
    await orders?.().manager.getAccessToken(asking());
    await reports?.().manager.getAccessToken(asking());
    const [ofOrders = '', ofReports = ''] = keys.filter((key) => !key.startsWith('lease:'));
    await set(ofOrders, (await tokenStore.get(ofReports))?.value ?? '', 60_000);
    const restarted = orders?.();
    expect(await restarted?.manager.getAccessToken(asking())).toMatchObject({ value: 'token-3' });
    expect(restarted?.events).toContainEqual(
      expect.objectContaining({
        type: 'store-failed',
        error: expect.objectContaining({ message: expect.stringContaining('written under another key') }),
      }),
    );
  });

  it('that holds a value of 64 MiB is passed over without reading it (claim 7.7)', async () => {
    const tokenStore = new MemoryTokenStore();
    const value = 'x'.repeat(64 * 1024 * 1024);
    tokenStore.get = (key) => Promise.resolve({ value: bindValue(key, value), remaining: 60_000 });
    const { manager, events } = endpoint.manager({ tokenStore });
    expect(await manager.getAccessToken(asking())).toMatchObject({ value: 'token-1' });
    expect(events[0]).toMatchObject({ error: { message: expect.stringContaining('longer than 65536 characters') } });
  });

  it('is not given a token of more than 64 KiB', async () => {
    const long = 'x'.repeat(64 * 1024);
    endpoint.answer = (_request, response) => json(response, 200, tokenResponse(long));
    const tokenStore = new MemoryTokenStore();
    const { manager, events } = endpoint.manager({ tokenStore });
    expect(await manager.getAccessToken(asking())).toMatchObject({ value: long });
    expect(tokenStore.size).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(['issued', 'store-failed']);
  });

  it('gives back the scopes with the token', async () => {
    endpoint.answer = (_request, response) => json(response, 200, { ...tokenResponse(TOKEN), scope: 'a b' });
    const tokenStore = new MemoryTokenStore();
    await endpoint.manager({ tokenStore }).manager.getAccessToken(asking());
    expect(await endpoint.manager({ tokenStore }).manager.getAccessToken(asking())).toMatchObject({
      scope: ['a', 'b'],
    });
  });
});
