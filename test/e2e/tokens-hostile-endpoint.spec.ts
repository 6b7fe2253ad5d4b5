import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { oidc } from '../../lib/authorization-servers/oidc.js';
import { isM2MError } from '../../lib/errors/m2m.error.js';
import type { M2MNamedClientOptions } from '../../lib/options/client-options.js';
import { asking, clientTokenManager } from '../support/client-token-manager.js';
import { json, TestHttpServer } from '../support/http-server.js';
import { PRODUCTS_API, TestOidcProvider } from '../support/oidc-provider.js';
import { failureOf } from '../support/scripted-token-endpoint.js';
import { TcpProxy, type Disturbance } from '../support/tcp-proxy.js';

const products = asking({ resource: PRODUCTS_API });
const retry = { attempts: 3, delay: 1, maxDelay: 1 };

describe('a real authorization server behind a proxy', () => {
  let server: TestOidcProvider;
  beforeAll(async () => {
    server = await TestOidcProvider.start();
  });
  afterAll(() => server.stop());

  const managerBehind = (proxy: TcpProxy, options: Partial<M2MNamedClientOptions> = {}) => {
    const authorizationServer = { ...oidc({ issuer: server.issuer }), tokenEndpoint: `${proxy.url}/token` };
    return clientTokenManager({ authorizationServer, retry, ...options });
  };

  it.each<Disturbance>([{ kind: 'refuse' }, { kind: 'cut', after: 40 }, { kind: 'cut', after: 700 }])(
    'gives a token after two connections that failed: %j',
    async (disturbance) => {
      await using proxy = await TcpProxy.start(new URL(server.issuer), (connection) =>
        connection < 3 ? disturbance : { kind: 'none' },
      );
      const { manager } = managerBehind(proxy);
      await expect(manager.getAccessToken(products)).resolves.toHaveProperty('value');
      expect(proxy.connections).toBe(3);
    },
  );

  it.each<[string, Disturbance, number]>([
    ['cuts every answer', { kind: 'cut', after: 700 }, 5000],
    ['corrupts every status line', { kind: 'corrupt', after: 5 }, 5000],
    ['corrupts every body', { kind: 'corrupt', after: 750 }, 5000],
    ['swallows every answer', { kind: 'swallow' }, 200],
    ['delays every answer', { kind: 'delay', milliseconds: 1000 }, 200],
  ])('that %s is a typed error within the deadline', async (_name, disturbance, timeout) => {
    await using proxy = await TcpProxy.start(new URL(server.issuer), () => disturbance);
    const { manager } = managerBehind(proxy, { timeout });
    const error = await failureOf(manager.getAccessToken(products));
    expect(isM2MError(error)).toBe(true);
    expect(inspect(error, { depth: 9 })).not.toContain('orders-secret');
  });
});

describe('a hostile token endpoint', () => {
  it.each<[string, (response: ServerResponse) => unknown, RegExp]>([
    [
      'sends the request elsewhere with 307',
      (response) => response.writeHead(307, { location: '/stolen' }).end(),
      /redirects are not followed/,
    ],
    [
      'sends the request elsewhere with 308',
      (response) => response.writeHead(308, { location: '/stolen' }).end(),
      /redirects are not followed/,
    ],
    [
      'answers with a bomb',
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
      /answered more than \d+ bytes/,
    ],
    [
      'refuses with a bomb',
      (response) => response.writeHead(400, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
      /answered more than \d+ bytes/,
    ],
    ['refuses without end', (response) => flood(response.writeHead(400)), /answered more than \d+ bytes/],
    [
      'answers with HTML',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      /not a token response/,
    ],
    ['answers with null', (response) => json(response, 200, null), /not a token response/],
    [
      'hides an error in a 200',
      (response) => json(response, 200, { error: 'invalid_request', access_token: 'x', token_type: 'Bearer' }),
      /invalid_request/,
    ],
    [
      'answers with a token that splits headers',
      (response) => json(response, 200, { access_token: 'a\r\nX-Evil: 1', token_type: 'Bearer' }),
      /characters that no token may have/,
    ],
  ])('that %s harms nobody', async (_name, respond, message) => {
    await using endpoint = await TestHttpServer.start((_request, response) => respond(response));
    const authorizationServer = { ...oidc({ issuer: endpoint.url }), tokenEndpoint: `${endpoint.url}/token` };
    const { manager } = clientTokenManager({ authorizationServer, retry, timeout: 60_000 });
    const error = await failureOf(manager.getAccessToken(products));
    expect(isM2MError(error)).toBe(true);
    expect(error.message).toMatch(message);
    expect(endpoint.requests.map(({ url }) => url)).toEqual(['/token']);
  });
});

/** Writes until nobody listens any more. */
function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(65_536, 'x');
  const write = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', write);
  write();
}
