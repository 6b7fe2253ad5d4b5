import { Agent } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { firstValueFrom } from 'rxjs';
import { M2MClientService } from '../../../lib/index.js';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { ordersApplication } from './orders-application.js';

let server: TestAuthorizationServer;
let products: TestHttpServer;
let other: TestHttpServer;
let application: TestingModule;
let m2m: M2MClientService;

beforeEach(async () => {
  server = await TestAuthorizationServer.start({ clients: { orders: 's3cret' } });
  other = await TestHttpServer.start((_, response) => json(response, 200, {}));
  products = await TestHttpServer.start(({ url }, response) => {
    const locations = new Map([
      ['/api/inside', '/api/here'],
      ['/api/outside', '/elsewhere'],
      ['/api/away', other.url],
    ]);
    const location = locations.get(url);
    if (location === undefined) json(response, 200, {});
    else response.writeHead(307, { location }).end();
  });
  application = await ordersApplication(server, { url: `${products.url}/api`, ...server.tokenRequest() });
  m2m = application.get(M2MClientService);
});
afterEach(async () => {
  await application.close();
  await Promise.all([server.stop(), products.stop(), other.stop()]);
});

/** Every request that arrived: its path, and whether it had the token. */
const arrived = () =>
  [...products.requests, ...other.requests].map(({ url, headers }) => [url, headers.authorization !== undefined]);

const FOLLOWED = [
  ['inside of its target with the token', 'inside', '/api/here', true],
  ['out of its target without the token', 'outside', '/elsewhere', false],
  ['to another host without the token', 'away', '/', false],
] as const;

describe('the http adapter', () => {
  it.each(FOLLOWED)('follows a redirect %s', async (_fact, to, path, hasToken) => {
    await firstValueFrom(m2m.for('products').get(to));
    expect(arrived()).toEqual([
      [`/api/${to}`, true],
      [path, hasToken],
    ]);
  });
});

describe('the fetch adapter', () => {
  it.each(['inside', 'outside', 'away'])('does not follow a redirect that is answered to a token: %s', async (to) => {
    const call = m2m.for('products').get(to, { adapter: 'fetch', fetchOptions: { redirect: 'follow' } });
    await expect(firstValueFrom(call)).rejects.toMatchObject({ response: { status: 307 } });
    expect(arrived()).toEqual([[`/api/${to}`, true]]);
  });

  it('follows a redirect without a token', async () => {
    const call = m2m.for('products').get('away', { adapter: 'fetch', m2m: false });
    await expect(firstValueFrom(call)).resolves.toMatchObject({ status: 200 });
    expect(arrived()).toEqual([
      ['/api/away', false],
      ['/', false],
    ]);
  });
});

describe('m2m.fetch', () => {
  it.each(FOLLOWED)('follows a redirect %s', async (_fact, to, path, hasToken) => {
    const response = await m2m.fetch(to, {}, { target: 'products' });
    expect(response.redirected).toBe(true);
    expect(arrived()).toEqual([
      [`/api/${to}`, true],
      [path, hasToken],
    ]);
  });

  it("does not use undici's dispatcher, and uses the agent of the target", async () => {
    let connections = 0;
    class CountingAgent extends Agent {
      override createConnection(...connection: Parameters<Agent['createConnection']>) {
        connections += 1;
        return super.createConnection(...connection);
      }
    }
    const http = { httpAgent: new CountingAgent() };
    const withAgent = await ordersApplication(server, { url: products.url, ...server.tokenRequest(), http });
    const dispatcher = {
      dispatch() {
        throw new Error('the dispatcher is used');
      },
    };
    const init = { dispatcher } as unknown as RequestInit;
    await expect(fetch(products.url, init)).rejects.toMatchObject({ cause: { message: 'the dispatcher is used' } });
    const call = withAgent.get(M2MClientService).fetch('/', init, { target: 'products' });
    await expect(call).resolves.toMatchObject({ status: 200 });
    expect(connections).toBe(1);
    await withAgent.close();
  });
});
