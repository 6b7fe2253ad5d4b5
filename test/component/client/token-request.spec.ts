import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { clientSecretBasic } from '../../../lib/client-authentication/client-secret-basic.js';
import { clientSecretPost } from '../../../lib/client-authentication/client-secret-post.js';
import { none } from '../../../lib/client-authentication/none.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { DiscoveryError } from '../../../lib/errors/discovery.error.js';
import { TokenEndpointError } from '../../../lib/errors/token-endpoint.error.js';
import { asking } from '../../support/client-token-manager.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { basicCredentials, json } from '../../support/http-server.js';
import { failureOf, SECRET, ScriptedTokenEndpoint, tokenResponse } from '../../support/scripted-token-endpoint.js';

const TOKEN = 'eyJ0b2tlbg';

const endpoint = new ScriptedTokenEndpoint();

describe('a token request', () => {
  it('is a form with what is requested', async () => {
    const { manager } = endpoint.manager();
    await manager.getAccessToken(
      asking({
        audience: 'https://a b',
        resource: ['https://r.example.com', 'https://s.example.com'],
        scope: 'write read',
        parameters: { nested: { a: 1 }, flag: true, empty: '' },
      }),
    );
    const { headers, method, body } = endpoint.request();
    expect({ method, type: headers['content-type'], accept: headers.accept }).toEqual({
      method: 'POST',
      type: expect.stringMatching(/^application\/x-www-form-urlencoded/),
      accept: 'application/json',
    });
    const sent = new URLSearchParams(body);
    sent.sort();
    expect([...sent]).toEqual([
      ['audience', 'https://a b'],
      ['flag', 'true'],
      ['grant_type', 'client_credentials'],
      ['nested', '{"a":1}'],
      ['resource', 'https://r.example.com'],
      ['resource', 'https://s.example.com'],
      ['scope', 'read write'],
    ]);
  });

  it('is JSON if the server wants it, and keeps what is nested', async () => {
    const { manager } = endpoint.manager({
      authorizationServer: { ...endpoint.authorizationServer, requestFormat: 'json' },
      clientAuthentication: clientSecretPost(),
    });
    await manager.getAccessToken(asking({ audience: 'a', parameters: { nested: { a: [1] }, n: 2 } }));
    const { headers, body } = endpoint.request();
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body)).toEqual({
      grant_type: 'client_credentials',
      client_id: 'orders',
      client_secret: SECRET,
      audience: 'a',
      nested: { a: [1] },
      n: 2,
    });
  });

  it.each([
    ['form-encoded', clientSecretBasic(), 'my-id.~_:x', 'p%ss w+d!*', 'my-id.~_%3Ax:p%25ss+w%2Bd%21%2A'],
    ['raw', clientSecretBasic({ encoding: 'raw' }), 'my-id', 'p%ss wörd:', 'my-id:p%ss wörd:'],
  ] as const)(
    'authenticates by a %s Basic header',
    async (_name, clientAuthentication, clientId, clientSecret, sent) => {
      await endpoint.manager({ clientAuthentication, clientId, clientSecret }).manager.getAccessToken(asking());
      const { headers, body } = endpoint.request();
      expect(basicCredentials(headers)).toBe(sent);
      expect(body).toBe('grant_type=client_credentials');
    },
  );

  it('authenticates in the body, or not at all', async () => {
    await endpoint.manager({ clientAuthentication: clientSecretPost() }).manager.getAccessToken(asking());
    await endpoint.manager({ clientAuthentication: none(), clientSecret: undefined }).manager.getAccessToken(asking());
    const [post, without] = [endpoint.request(1), endpoint.request()];
    expect(post.headers.authorization).toBeUndefined();
    expect(post.body).toContain(`client_secret=${SECRET}`);
    expect(without.body).toBe('grant_type=client_credentials&client_id=orders');
  });

  it('goes to the endpoint that the issuer’s metadata names', async () => {
    endpoint.answer = ({ url }, response) =>
      url === '/token'
        ? json(response, 200, tokenResponse(TOKEN))
        : json(response, 200, { issuer: endpoint.url, token_endpoint: `${endpoint.url}/token` });
    const { manager } = endpoint.manager({ authorizationServer: oidc({ issuer: endpoint.url }) });
    expect(await manager.getAccessToken(asking())).toMatchObject({ value: TOKEN });
  });

  it('fails with DiscoveryError if there is no metadata', async () => {
    endpoint.answer = (_request, response) => json(response, 404, {});
    const { manager } = endpoint.manager({ authorizationServer: oidc({ issuer: endpoint.url }) });
    await expect(manager.getAccessToken(asking())).rejects.toThrow(DiscoveryError);
  });
});

describe('an endpoint', () => {
  it.each<[string, (response: ServerResponse) => unknown, RegExp]>([
    [
      'redirects',
      (response) => response.writeHead(307, { location: `${endpoint.url}/elsewhere` }).end(),
      /redirects are not followed/,
    ],
    ['hangs up', (response) => response.destroy(), /failed: ECONNRESET/],
    ['answers too much', (response) => response.end('x'.repeat(600_000)), /more than \d+ bytes/],
    ['answers HTML', (response) => response.end('<html>'), /not a token response/],
  ])('that %s is an error', async (_name, respond, message) => {
    endpoint.answer = (_request, response) => respond(response);
    const error = await failureOf(endpoint.manager().manager.getAccessToken(asking()));
    expect(error).toBeInstanceOf(TokenEndpointError);
    expect(error.message).toMatch(message);
  });

  it('that drips is left at the deadline', async () => {
    const clock = new TestClock();
    endpoint.answer = async (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{');
      await clock.advance(3000);
    };
    await expect(endpoint.manager({ timeout: 3000 }, clock).manager.getAccessToken(asking())).rejects.toThrow(
      /3000 ms/,
    );
  });
});

describe('the client secret', () => {
  it('is asked for once', async () => {
    let asked = 0;
    const { manager } = endpoint.manager({ clientSecret: () => Promise.resolve(`${SECRET}${(asked += 1)}`) });
    await manager.getAccessToken(asking({ scope: 'a' }));
    await manager.getAccessToken(asking({ scope: 'b' }));
    expect(asked).toBe(1);
  });

  it.each<[string, () => string | Promise<string>, RegExp]>([
    [
      'throws',
      () => {
        throw Object.assign(new TypeError(SECRET), { code: 'EVAULT' });
      },
      /clientSecret function failed with TypeError EVAULT/,
    ],
    ['rejects with anything', () => Promise.reject(SECRET), /clientSecret function failed with string/],
    ['returns an empty string', () => '', /returned an empty string/],
    ['returns null', () => null as unknown as string, /returned null/],
    ['returns a number', () => 7 as unknown as string, /returned number/],
  ])('that %s is an error, and is asked for again', async (_name, broken, message) => {
    let secret = broken;
    const clock = new TestClock();
    const { manager } = endpoint.manager({ clientSecret: () => secret() }, clock);
    const error = await failureOf(manager.getAccessToken(asking()));
    expect(error.message).toMatch(message);
    expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
    secret = () => SECRET;
    await clock.advance(5000);
    expect(await manager.getAccessToken(asking())).toMatchObject({ value: 'token-1' });
  });
});

const echo: ScriptedTokenEndpoint['answer'] = ({ headers, body }, response) =>
  json(response, 401, {
    error: 'invalid_client',
    error_description: `you sent ${headers.authorization} and ${body} with ${SECRET}`,
    message: decodeURIComponent(body),
    trace_id: SECRET,
  });

it('shows no secret and no token, whatever the server echoes and whoever looks (claim 2.1)', async () => {
  const raw = clientSecretBasic({ encoding: 'raw' });
  for (const clientAuthentication of [clientSecretBasic(), raw, clientSecretPost()]) {
    const clock = new TestClock();
    const { manager, events } = endpoint.manager({ clientId: 'urn:orders', clientAuthentication }, clock);
    endpoint.answer = echo;
    const error = await failureOf(manager.getAccessToken(asking()));
    endpoint.answer = (_request, response) => json(response, 200, tokenResponse(TOKEN));
    await clock.advance(5000);
    const accessToken = await manager.getAccessToken(asking());
    for (const value of [error, manager, events, accessToken, { error, accessToken }]) {
      const shown = inspect(value, { depth: 20 }) + JSON.stringify(value);
      for (const hidden of [SECRET, TOKEN, btoa(`urn:orders:${SECRET}`)]) expect(shown).not.toContain(hidden);
    }
  }
});

it('shows of the URL of a token endpoint no query, which may hold a secret (claim 2.3)', async () => {
  const authorizationServer = { ...endpoint.authorizationServer, tokenEndpoint: `${endpoint.url}/token?key=${SECRET}` };
  const { manager } = endpoint.manager({ authorizationServer });
  endpoint.answer = (_request, response) => json(response, 200, {});
  const error = await failureOf(manager.getAccessToken(asking()));
  expect(error.message).toContain(`POST ${endpoint.url}/token: `);
  expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
});
