import { beforeEach, describe, expect, it } from '@jest/globals';
import { asking, simulatedTokenManager } from '../../../support/client-token-manager.js';
import { json } from '../../../support/http-server.js';
import { granted, passing } from '../../../support/scripted-upstream.js';
import { failureOf, ScriptedTokenEndpoint, tokenResponse } from '../../../support/scripted-token-endpoint.js';

const TOKEN = 'eyJ0b2tlbg';

const endpoint = new ScriptedTokenEndpoint();

describe('a token', () => {
  it('is requested once by 1000 who ask at once', async () => {
    const { manager, events } = endpoint.manager();
    await Promise.all(Array.from({ length: 1000 }, () => manager.getAccessToken(asking({ scope: 'a' }))));
    expect(endpoint.count).toBe(1);
    expect(events).toEqual([
      {
        type: 'issued',
        client: undefined,
        requested: expect.objectContaining({ scope: ['a'] }),
        lifetime: 60_000,
        duration: expect.any(Number),
      },
    ]);
  });

  it('is another one for another request', async () => {
    const { manager } = endpoint.manager();
    const tokens = await Promise.all(['a', 'b', 'a'].map((scope) => manager.getAccessToken(asking({ scope }))));
    expect(new Set(tokens.map(({ value }) => value)).size).toBe(2);
  });

  it('is renewed for what was requested, whatever became of the object that said so', async () => {
    const { manager, upstream, clock } = simulatedTokenManager();
    const details = { tenant: 'C' };
    await manager.getAccessToken(asking({ parameters: { details } }));
    details.tenant = 'D';
    await clock.advance(60_000);
    await manager.getAccessToken(asking({ parameters: { details: { tenant: 'C' } } }));
    expect(upstream.requests.map(({ body }) => body.get('details'))).toEqual(['{"tenant":"C"}', '{"tenant":"C"}']);
  });

  it('is fetched anew when it is forced, or forgotten', async () => {
    const { manager, events } = endpoint.manager();
    const value = async (forceRenewal = false) => (await manager.getAccessToken(asking(), { forceRenewal })).value;
    expect([await value(), await value(true), await value()]).toEqual(['token-1', 'token-2', 'token-2']);
    await manager.invalidate(asking(), 'token-1');
    expect(await value()).toBe('token-2');
    await manager.invalidate(asking(), 'token-2');
    expect(await value()).toBe('token-3');
    expect(events.map(({ type }) => type)).toEqual(['issued', 'renewed', 'issued']);
  });

  it('is not waited for by a caller who aborted before', async () => {
    const { manager } = endpoint.manager();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(manager.getAccessToken(asking(), { signal })).rejects.toThrow('enough');
    expect(endpoint.count).toBe(0);
  });

  it('that is served at once in an outage is not counted as a wait for a newer one', async () => {
    let down = false;
    const { manager, get, clock } = simulatedTokenManager({}, () => (down ? { broken: true } : granted('t')));
    await get();
    down = true;
    await clock.advance(57_500);
    for (let i = 0; i < 100; i++) expect(await passing(clock, get(), 1)).toMatchObject({ value: 't' });
    // The first of them waits, in vain.
    expect(manager.stats()).toMatchObject({ waits: 2, servedFromMemory: 100 });
  });
});

describe('verifyScope', () => {
  const requested = asking({ scope: 'read write' });
  beforeEach(() => {
    endpoint.answer = (_request, response) => json(response, 200, { ...tokenResponse(TOKEN), scope: 'read' });
  });

  it('tells by default, and the token is used', async () => {
    const { manager, events } = endpoint.manager();
    expect(await manager.getAccessToken(requested)).toMatchObject({ scope: ['read'] });
    expect(events).toContainEqual({
      type: 'scope-missing',
      client: undefined,
      requested: expect.anything(),
      missing: ['write'],
    });
  });

  it('refuses the token when strict', async () => {
    const error = await failureOf(endpoint.manager({ verifyScope: 'strict' }).manager.getAccessToken(requested));
    expect(error).toMatchObject({ error: 'invalid_scope', upstreamStatus: 200 });
    expect(error.message).toContain(
      "without the scope write. Grant the client that scope, or write: verifyScope: 'warn'",
    );
  });

  it('is silent when off, and if nobody can tell', async () => {
    const off = endpoint.manager({ verifyScope: 'off' });
    await off.manager.getAccessToken(requested);
    endpoint.answer = (_request, response) => json(response, 200, tokenResponse(TOKEN));
    const unknown = endpoint.manager();
    expect(await unknown.manager.getAccessToken(requested)).toMatchObject({ scope: undefined });
    expect([...off.events, ...unknown.events].map(({ type }) => type)).toEqual(['issued', 'issued']);
  });
});
