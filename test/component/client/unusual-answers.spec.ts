import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { asking } from '../../support/client-token-manager.js';
import { json } from '../../support/http-server.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { failureOf, ScriptedTokenEndpoint } from '../../support/scripted-token-endpoint.js';

type Read = NonNullable<AuthorizationServer['readTokenResponse']>;

const endpoint = new ScriptedTokenEndpoint();
const answering = (body: unknown, status = 200) => {
  endpoint.answer = (_request, response) => json(response, status, body);
};
const reading = (readTokenResponse: Read, timeout = 10_000) =>
  endpoint.manager({ authorizationServer: { ...endpoint.authorizationServer, readTokenResponse }, timeout }).manager;
const camelCase: Read = ({ accessToken, expiresIn, ...others }) => ({
  access_token: accessToken,
  expires_in: expiresIn,
  ...others,
});
const asBearer: Read = ({ accessToken }) => ({ access_token: accessToken, token_type: 'Bearer' });
const plain = { access_token: 't0ken', token_type: 'Bearer', expires_in: 60 };

describe('a token response', () => {
  it.each([
    ['201, as a Nest @Post() answers', 201, plain],
    ['203, as a proxy may answer', 203, plain],
    ['a list of scopes', 200, { ...plain, scope: ['read'] }],
    ['an expires_in of text', 200, { ...plain, expires_in: '60' }],
    ['another token_type', 200, { ...plain, token_type: 'JWT' }],
    ['nothing but a token', 200, { access_token: 't0ken' }],
    ['an error that is empty', 200, { ...plain, error: '' }],
  ])('may have %s', async (_name, status, body) => {
    answering(body, status);
    expect(await endpoint.manager().manager.getAccessToken(asking())).toMatchObject({ value: 't0ken' });
  });

  it('lasts as long as the options say if it says nothing', async () => {
    answering({ access_token: 't0ken' });
    const authorizationServer = { ...endpoint.authorizationServer, defaultLifetime: 7_200_000 };
    const { expiresAt } = await endpoint.manager({ authorizationServer }).manager.getAccessToken(asking());
    expect(Math.round((expiresAt.getTime() - Date.now()) / 60_000)).toBe(120);
  });

  it('out of a cache lasts for less', async () => {
    endpoint.answer = (_request, response) => {
      response.setHeader('age', '3000');
      json(response, 200, { ...plain, expires_in: 3600 });
    };
    const { expiresAt } = await endpoint.manager().manager.getAccessToken(asking());
    expect(Math.round((expiresAt.getTime() - Date.now()) / 60_000)).toBe(10);
  });

  it.each([
    ['an object', { code: 7, message: 'bad key' }],
    ['a flag', true],
  ])('with an error that is %s refuses the token, and is no outage', async (_name, error) => {
    answering({ error, message: 'bad key' });
    const { manager, events } = endpoint.manager();
    expect(await failureOf(manager.getAccessToken(asking()))).toMatchObject({ errorDescription: 'bad key' });
    expect(events).toMatchObject([{ type: 'request-failed', concerns: 'token' }]);
  });

  it('has a request without a charset before it', async () => {
    await endpoint.manager().manager.getAccessToken(asking());
    expect(endpoint.request().headers['content-type']).toBe('application/x-www-form-urlencoded');
  });
});

describe('readTokenResponse', () => {
  it('is named, with the line to write, by the error of an answer in camelCase', async () => {
    answering({ accessToken: 't0ken', expiresIn: 60 });
    const error = await failureOf(endpoint.manager().manager.getAccessToken(asking()));
    expect(error).toMatchObject({ code: 'ERR_M2M_TOKEN_ENDPOINT' });
    expect(error.message).toContain(
      '{ ...server, readTokenResponse: ({ accessToken: access_token, expiresIn: expires_in }) => ({ access_token, expires_in }) }',
    );
    expect(inspect(error, { depth: 9 })).not.toContain('t0ken');
  });

  it.each<[string, Read]>([
    ['at once', camelCase],
    ['later', (body) => Promise.resolve(camelCase(body))],
  ])('translates an answer %s', async (_name, read) => {
    answering({ accessToken: 't0ken', expiresIn: '120', region: 'eu' });
    const token = await reading(read).getAccessToken(asking());
    expect(token).toMatchObject({ value: 't0ken', extra: { region: 'eu' } });
    expect(Math.round((token.expiresAt.getTime() - Date.now()) / 1000)).toBe(120);
  });

  it('sees a copy, without a prototype that the server wrote', async () => {
    endpoint.answer = (_request, response) =>
      response.end('{"accessToken":"t0ken","__proto__":{"expiresIn":1},"region":{"name":"eu"}}');
    const token = await reading((body) => {
      const { accessToken } = body;
      expect(body['expiresIn']).toBeUndefined();
      body['region'] = undefined;
      return { access_token: accessToken };
    }).getAccessToken(asking());
    expect(token.extra).toEqual({});
  });

  it.each<[string, object | string | null, number]>([
    ['an error', { error: 'invalid_scope', accessToken: 'x' }, 200],
    ['an error that is no text', { error: { code: 5 }, accessToken: 'x' }, 200],
    ['another status', { accessToken: 'x' }, 400],
    ['a list', [{ accessToken: 'x' }], 200],
    ['null', null, 200],
  ])('does not see %s', async (_name, body, status) => {
    answering(body, status);
    const seen: unknown[] = [];
    const manager = reading((members) => {
      seen.push(members);
      return { access_token: 'made-up' };
    });
    expect(await failureOf(manager.getAccessToken(asking()))).toHaveProperty('code');
    expect(seen).toEqual([]);
  });

  it.each(['DPoP', 'N_A', 'mac'])('cannot make a Bearer token of one of the type %s', async (type) => {
    answering({ accessToken: 't0ken', tokenType: type });
    expect((await failureOf(reading(camelCase).getAccessToken(asking()))).message).toContain(
      'cannot be sent as Bearer',
    );
    answering({ accessToken: 't0ken', token_type: type });
    expect((await failureOf(reading(asBearer).getAccessToken(asking()))).message).toContain('cannot be sent as Bearer');
  });

  it('fails with a code of its own, without what was thrown', async () => {
    answering({ accessToken: 't0ken' });
    const manager = reading(({ accessToken }) => {
      throw new RangeError(String(accessToken));
    });
    const error = await failureOf(manager.getAccessToken(asking()));
    expect(error).toMatchObject({ code: 'ERR_M2M_CALLBACK', option: 'authorizationServer.readTokenResponse' });
    expect(error.message).toContain('failed with RangeError');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('t0ken');
  });

  it('has the time of its token request', async () => {
    answering({ accessToken: 't0ken' });
    const manager = reading(() => new Promise(() => {}), 100);
    expect(await failureOf(manager.getAccessToken(asking()))).toMatchObject({
      code: 'ERR_M2M_CALLBACK',
      message: expect.stringContaining('did not answer in'),
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'token'],
    ['what no JSON can hold', { access_token: 't', n: 5n }],
  ])('must not return %s', async (_name, returned) => {
    answering({ accessToken: 't0ken' });
    const error = await failureOf(reading(() => returned as never).getAccessToken(asking()));
    expect(error).toMatchObject({ code: 'ERR_M2M_CALLBACK' });
  });

  it.each([
    ['without a token', {}, /no access_token/],
    ['with a token that is no text', { access_token: 5 }, /is no text/],
    ['with a token that no header may hold', { access_token: 'a\nb' }, /characters that no token may have/],
  ])('returns something that is read like any answer: %s', async (_name, returned, message) => {
    answering({ accessToken: 't0ken' });
    expect((await failureOf(reading(() => returned as never).getAccessToken(asking()))).message).toMatch(message);
  });
});

describe('AccessToken.extra', () => {
  const body = {
    ...plain,
    instance_url: 'https://eu1',
    refresh_token: 'r3fresh',
    id_token: '1d',
    data: { idToken: '1d' },
  };

  it('has the further members, also of a token that another process left in the store', async () => {
    answering(body);
    const tokenStore = new MemoryTokenStore();
    const [first, second] = [endpoint.manager({ tokenStore }).manager, endpoint.manager({ tokenStore }).manager];
    const expected = { instance_url: 'https://eu1', data: {} };
    expect((await first.getAccessToken(asking())).extra).toEqual(expected);
    await first.close();
    expect((await second.getAccessToken(asking())).extra).toEqual(expected);
    expect(endpoint.count).toBe(1);
  });

  it('is empty for an answer without any', async () => {
    answering(plain);
    expect((await endpoint.manager().manager.getAccessToken(asking())).extra).toEqual({});
  });

  it('is not printed, and no other token of the answer is anywhere', async () => {
    answering(body);
    const { manager, events } = endpoint.manager();
    const token = await manager.getAccessToken(asking());
    const shown = [token, manager, events].map((value) => inspect(value, { depth: 9, showHidden: true }));
    const printed = `${shown.join()}${JSON.stringify([token, events])}`;
    for (const hidden of ['t0ken', 'r3fresh', '1d', 'https://eu1']) expect(printed).not.toContain(hidden);
    expect(JSON.stringify(token.extra)).not.toMatch(/r3fresh|1d|t0ken/);
  });
});
