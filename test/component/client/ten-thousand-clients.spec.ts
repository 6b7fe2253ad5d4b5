import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { clientService } from '../../support/calling-service.js';
import { basicCredentials } from '../../support/http-server.js';

const TENANTS = 10_000;
const AT_ONCE = 100;
const MEGABYTE = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const tokenFor = (client: string) => `token-of-${client}-${'x'.repeat(500)}`;

/** A token endpoint, whose tokens name the client, and an API, which repeats the token. It remembers no request. */
const server = createServer(({ url, headers }, response) => {
  const [id = ''] = basicCredentials(headers).split(':');
  const token = { access_token: tokenFor(id), token_type: 'Bearer', expires_in: 3600 };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(url === '/token' ? token : { token: headers.authorization?.slice('Bearer '.length) }));
});
const httpAgent = new Agent({ keepAlive: true });
let url: string;

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  httpAgent.destroy();
  server.close();
});

it('10,000 clients that a function returns each have their token, and 1,000 of them are alive (claim 7.15)', async () => {
  let lookUps = 0;
  const { m2m, clients } = clientService({
    authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint: `${url}/token` },
    http: { httpAgent },
    client: {
      clientId: 'orders',
      clientSecret: 'secret',
      targets: { shop: { url: `${url}/shop`, usableBy: 'any-client', http: { httpAgent } } },
      clients: (name) => {
        lookUps += 1;
        // 2,000 token requests are twice as many as clients that are alive. More would only take longer.
        if (name.endsWith('0') || name.endsWith('5')) return { clientId: name, clientSecret: `secret-of-${name}` };
        return { accessTokenProvider: () => ({ accessToken: tokenFor(name), expiresIn: 3600 }) };
      },
    },
  });
  /** Most clients get their token alone. Every tenth calls the API as well, by a service that is kept by name, too. */
  const tokenOf = async (index: number): Promise<string> => {
    const client = `tenant-${index}`;
    if (index % 10 > 0) return m2m.getToken({ client, target: 'shop' });
    const { data } = await firstValueFrom(m2m.client(client).for('shop').get<{ token: string }>('/'));
    return data.token;
  };
  const callAll = async (first: number, end: number): Promise<void> => {
    for (let index = first; index < end; index += AT_ONCE) {
      const indices = Array.from({ length: AT_ONCE }, (_, offset) => index + offset);
      const tokens = await Promise.all(indices.map(tokenOf));
      expect(tokens.map((token) => token.slice(0, -500))).toEqual(indices.map((each) => `token-of-tenant-${each}-`));
    }
  };
  await callAll(0, 4000);
  // The module's own client is one more.
  expect(clients.registry.alive(undefined)).toHaveLength(1001);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  await callAll(4000, TENANTS);
  expect(clients.registry.alive(undefined)).toHaveLength(1001);
  collectGarbage();
  // 6,000 more clients that stayed would take 100 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10 * MEGABYTE);
  expect(lookUps).toBe(TENANTS);
  await clients.onApplicationShutdown();
});
