import { once } from 'node:events';
import { Agent as HttpAgent, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AuthorizationServerHttp, type UpstreamRequest } from '../../../lib/http/authorization-server-http.js';
import { axios } from '../../../lib/http/axios.js';
import { UpstreamError } from '../../../lib/http/upstream.error.js';
import type { M2MHttpOptions } from '../../../lib/http/http-options.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { ComposeNetwork } from '../../support/compose-network.js';
import { json, TestHttpServer, type SeenRequest } from '../../support/http-server.js';

const SECRET = 's3cr3t-that-must-not-show';
const MEGABYTE = 1024 * 1024;

const servers: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function serve(answer: (request: SeenRequest, response: ServerResponse) => unknown): Promise<TestHttpServer> {
  const server = await TestHttpServer.start(answer);
  servers.push(server);
  return server;
}

function client(options: M2MHttpOptions = {}, clock = new TestClock()) {
  return new AuthorizationServerHttp(options, clock);
}

function deferred<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** A token request with a secret in every place that a secret may be in. */
function tokenRequest(url: string, more: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    url,
    method: 'POST',
    headers: { authorization: `Basic ${SECRET}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: `client_secret=${SECRET}`,
    timeout: 5000,
    ...more,
  };
}

async function failure(promise: Promise<unknown>): Promise<UpstreamError> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UpstreamError);
  const shown = inspect(error, { depth: Infinity, showHidden: true, getters: true }) + JSON.stringify(error);
  expect(shown).not.toContain(SECRET);
  return error as UpstreamError;
}

describe('AuthorizationServerHttp', () => {
  it('sends what it is given, and answers with the bytes, the status and the headers in lower case', async () => {
    const server = await serve((_, response) =>
      response.writeHead(200, { 'X-Thing': ['a', 'b'], 'Content-Type': 'application/json' }).end('{"a":1}'),
    );
    const answer = await client().request(tokenRequest(`${server.url}/token?x=1`));
    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toBe('{"a":1}');
    expect(answer.headers).toMatchObject({ 'x-thing': 'a, b', 'content-type': 'application/json' });
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        url: '/token?x=1',
        body: `client_secret=${SECRET}`,
        headers: { authorization: `Basic ${SECRET}`, 'content-type': 'application/x-www-form-urlencoded' },
      },
    ]);
  });

  it('sends headers whatever the case of their names is', async () => {
    const server = await serve((_, response) => json(response, 200, {}));
    await client().request({ url: server.url, headers: { Authorization: 'Basic abc', ACCEPT: 'a/b' }, timeout: 5000 });
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Basic abc', accept: 'a/b' });
  });

  it.each([201, 204, 400, 401, 403, 404, 429, 500, 503])(
    'answers with a %d as with any other status',
    async (status) => {
      const server = await serve((_, response) => response.writeHead(status).end());
      await expect(client().request({ url: server.url, timeout: 5000 })).resolves.toMatchObject({ status });
    },
  );

  it('leaves the bytes of a JSON body as they are', async () => {
    const body = '{"twice":1,"twice":2} ';
    const server = await serve((_, response) => response.end(body));
    const answer = await client().request({ url: server.url, timeout: 5000 });
    expect(answer.body.toString()).toBe(body);
  });

  describe('redirects (claim 1.4)', () => {
    it.each([300, 301, 302, 303, 307, 308])('does not follow a %d', async (status) => {
      const elsewhere = await serve((_, response) => json(response, 200, {}));
      const server = await serve((_, response) =>
        response.writeHead(status, { location: `${elsewhere.url}/${SECRET}` }).end(SECRET),
      );
      const error = await failure(client().request(tokenRequest(`${server.url}/token`)));
      expect(error.failure).toBe('redirect');
      expect(error.message).toBe(`POST ${server.url}/token answered ${status}; redirects are not followed`);
      expect(elsewhere.requests).toEqual([]);
    });
  });

  describe('size (claim 1.4)', () => {
    const bomb = Buffer.alloc(20 * MEGABYTE, 'a');
    const bodies: [string, Record<string, string>, Buffer][] = [
      ['plain', {}, Buffer.alloc(MEGABYTE, 'a')],
      ['gzip', { 'content-encoding': 'gzip' }, gzipSync(bomb)],
      ['deflate', { 'content-encoding': 'deflate' }, deflateSync(bomb)],
      ['brotli', { 'content-encoding': 'br' }, brotliCompressSync(bomb)],
    ];

    it.each(bodies.flatMap((body) => [200, 400, 503].map((status) => [...body, status] as const)))(
      'refuses a %s body that is too large',
      async (_name, headers, body, status) => {
        const server = await serve((_, response) => response.writeHead(status, headers).end(body));
        const error = await failure(client().request(tokenRequest(server.url)));
        expect(error.failure).toBe('too-large');
        expect(error.message).toContain('answered more than 524288 bytes');
      },
    );

    it('takes a body of 512 KiB', async () => {
      const server = await serve((_, response) => response.end(Buffer.alloc(512 * 1024)));
      const { body } = await client().request({ url: server.url, timeout: 5000 });
      expect(body).toHaveLength(512 * 1024);
    });

    it('hangs up on a body that never ends', async () => {
      const closed = deferred<void>();
      const server = await serve((_, response) => {
        response.on('close', closed.resolve);
        const more = (): void => void (response.write(Buffer.alloc(64 * 1024)) ? setImmediate(more) : undefined);
        response.on('drain', more);
        more();
      });
      expect((await failure(client().request(tokenRequest(server.url)))).failure).toBe('too-large');
      await closed.promise;
    });
  });

  describe('time (claim 1.4)', () => {
    it('ends a body that drips when its time is over', async () => {
      const clock = new TestClock();
      const dripping = deferred<ServerResponse>();
      const server = await serve((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{');
        dripping.resolve(response);
      });
      const request = client({}, clock).request(tokenRequest(`${server.url}/token`, { timeout: 3000 }));
      const failed = failure(request);
      const response = await dripping.promise;
      const closed = once(response, 'close');
      for (let second = 0; second < 3; second++) {
        response.write(' ');
        await clock.advance(1000);
      }
      const error = await failed;
      expect(error.failure).toBe('timeout');
      expect(error.message).toBe(`POST ${server.url}/token did not finish in 3000 ms`);
      await closed;
    });

    it('ends a request that is not answered at all', async () => {
      const clock = new TestClock();
      const arrived = deferred<void>();
      const server = await serve(() => arrived.resolve());
      const failed = failure(client({}, clock).request(tokenRequest(server.url, { timeout: 1000 })));
      await arrived.promise;
      await clock.advance(999);
      await clock.advance(1);
      expect((await failed).failure).toBe('timeout');
    });

    it('leaves no timer behind', async () => {
      const timers = new Set<unknown>();
      const clock = new TestClock();
      const after = clock.after.bind(clock);
      clock.after = (delay, callback) => {
        timers.add(callback);
        const cancel = after(delay, callback);
        return () => {
          timers.delete(callback);
          cancel();
        };
      };
      const server = await serve((request, response) => response.writeHead(request.url === '/' ? 200 : 302).end());
      await client({}, clock).request({ url: `${server.url}/`, timeout: 1000 });
      await failure(client({}, clock).request({ url: `${server.url}/redirect`, timeout: 1000 }));
      expect(timers.size).toBe(0);
    });
  });

  describe('network', () => {
    it('says that a connection was refused', async () => {
      const server = await serve(() => undefined);
      await server.stop();
      const error = await failure(client().request(tokenRequest(`${server.url}/token?${SECRET}`)));
      expect(error.failure).toBe('network');
      expect(error.message).toBe(`POST ${server.url}/token failed: ECONNREFUSED`);
    });

    it.each<[string, (response: ServerResponse) => unknown]>([
      ['before the answer', (response) => response.destroy()],
      [
        'in the middle of the body',
        (response) => {
          response.writeHead(200, { 'content-length': '100' }).write('{"access_token"');
          setImmediate(() => response.destroy());
        },
      ],
      [
        'with a broken compression',
        (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
      ],
    ])('fails when the connection breaks %s', async (_name, breakOff) => {
      const server = await serve((_, response) => breakOff(response));
      expect((await failure(client().request(tokenRequest(server.url)))).failure).toBe('network');
    });

    it('tells nothing of an error that is not known', async () => {
      const httpsAgent = new HttpsAgent();
      httpsAgent.createConnection = () => {
        throw new Error(SECRET);
      };
      const error = await failure(client({ httpsAgent }).request(tokenRequest('https://id.example.test')));
      expect(error.message).toBe('POST https://id.example.test/ failed: unknown error');
    });

    it('fails on headers that HTTP does not know', async () => {
      const server = await listen((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
      expect((await failure(client().request(tokenRequest(server)))).failure).toBe('network');
    });
  });

  describe('confidentiality (claim 1.1)', () => {
    it.each([
      'http://id.example.test/token',
      'http://127.0.0.1.evil.test/token',
      'http://localhost@evil.test/token',
      'ftp://127.0.0.1/token',
      'file:///etc/passwd',
    ])('sends nothing to %s', async (url) => {
      expect((await failure(client().request(tokenRequest(url)))).failure).toBe('insecure');
    });

    it.each([`user:${SECRET}`, 'user', `:${SECRET}`])('sends nothing to a URL with %s in it', async (credentials) => {
      const server = await serve((_, response) => json(response, 200, {}));
      const url = server.url.replace('//', `//${credentials}@`);
      expect((await failure(client().request(tokenRequest(url)))).failure).toBe('insecure');
      expect(server.requests).toEqual([]);
    });

    it.each(['http://keycloak', 'http://keycloak:8081', 'http://keycloak.evil.test:8080', 'http://products:3000'])(
      'sends nothing to %s, which is another origin than the insecure one',
      async (origin) => {
        const http = new AuthorizationServerHttp({}, new TestClock(), ['http://keycloak:8080']);
        expect((await failure(http.request(tokenRequest(`${origin}/token`)))).failure).toBe('insecure');
      },
    );

    it('refuses what is no URL', async () => {
      expect((await failure(client().request(tokenRequest(`token?${SECRET}`)))).failure).toBe('insecure');
    });
  });

  describe('proxies', () => {
    const variables = ['http_proxy', 'https_proxy', 'all_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];

    async function withProxyVariables(proxy: string, run: () => Promise<void>): Promise<void> {
      const before = variables.map((name) => [name, process.env[name]] as const);
      for (const name of variables) process.env[name] = proxy;
      try {
        await run();
      } finally {
        for (const [name, value] of before) {
          if (value === undefined) delete process.env[name];
          else process.env[name] = value;
        }
      }
    }

    it('takes none to loopback, whatever the environment and the options say (claim 1.2)', async () => {
      const proxy = await serve((_, response) => json(response, 200, { from: 'proxy' }));
      const server = await serve((_, response) => json(response, 200, { from: 'server' }));
      const options = { proxy: { protocol: 'http', host: '127.0.0.1', port: Number(new URL(proxy.url).port) } };
      await withProxyVariables(proxy.url, async () => {
        for (const http of [client(), client(options)]) {
          const { body } = await http.request(tokenRequest(server.url));
          expect(body.toString()).toBe('{"from":"server"}');
        }
      });
      expect(proxy.requests).toEqual([]);
    });

    it('takes only the one of the options to an insecure origin (claim 1.2)', async () => {
      const proxy = await serve((_, response) => json(response, 200, { from: 'proxy' }));
      const server = await serve((_, response) => json(response, 200, { from: 'server' }));
      const network = new ComposeNetwork(new Map([['keycloak:8080', Number(new URL(server.url).port)]]));
      const origins = ['http://keycloak:8080'];
      const request = tokenRequest('http://keycloak:8080/token');
      await withProxyVariables(proxy.url, async () => {
        const direct = new AuthorizationServerHttp({ httpAgent: network }, new TestClock(), origins);
        expect((await direct.request(request)).body.toString()).toBe('{"from":"server"}');
      });
      expect(proxy.requests).toEqual([]);
      const { hostname: host, port } = new URL(proxy.url);
      const options = { proxy: { protocol: 'http', host, port: Number(port) } };
      const through = new AuthorizationServerHttp(options, new TestClock(), origins);
      expect((await through.request(request)).body.toString()).toBe('{"from":"proxy"}');
    });

    it.each(['the environment', 'the options'])(
      'takes the one of %s elsewhere, and tunnels through it',
      async (source) => {
        const seen: string[] = [];
        const proxy = await listen((socket) => {
          socket.on('data', (data) => {
            seen.push(data.toString('latin1'));
            socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
          });
        });
        const { port } = new URL(proxy);
        const options: M2MHttpOptions =
          source === 'the options' ? { proxy: { protocol: 'http', host: '127.0.0.1', port: Number(port) } } : {};
        const request = (): Promise<unknown> => client(options).request(tokenRequest('https://id.example.test/token'));
        if (source === 'the options') await request().catch(() => undefined);
        else
          await withProxyVariables(proxy, () =>
            request().then(
              () => undefined,
              () => undefined,
            ),
          );
        expect(seen.join('')).toMatch(/^CONNECT id\.example\.test:443 HTTP\/1\.1/);
        expect(seen.join('')).not.toContain(SECRET);
      },
    );

    it('takes none where the options say false', async () => {
      const proxy = await serve((_, response) => json(response, 200, {}));
      await withProxyVariables(proxy.url, async () => {
        const error = await failure(client({ proxy: false }).request(tokenRequest('https://id.example.test/token')));
        expect(error.failure).toBe('network');
      });
      expect(proxy.requests).toEqual([]);
    });
  });

  describe('agents', () => {
    it('takes the one of the options for plain HTTP', async () => {
      const server = await serve((_, response) => json(response, 200, {}));
      const httpAgent = new HttpAgent();
      const createConnection = httpAgent.createConnection.bind(httpAgent);
      let connections = 0;
      httpAgent.createConnection = (...args) => {
        connections++;
        return createConnection(...args);
      };
      await client({ httpAgent }).request({ url: server.url, timeout: 5000 });
      expect(connections).toBe(1);
    });

    it.each([
      ["the request's", 'certificate', { httpsAgent: 'certificate' }],
      ["the options'", 'ordinary', {}],
    ])('takes %s for HTTPS', async (_name, expected, request) => {
      const used: string[] = [];
      const server = await serve((_, response) => json(response, 200, {}));
      const agent = (name: string): HttpsAgent => {
        const made = new HttpsAgent();
        made.createConnection = () => {
          used.push(name);
          return connect(Number(new URL(server.url).port), '127.0.0.1');
        };
        return made;
      };
      await client({ httpsAgent: agent('ordinary') }).request({
        url: 'https://127.0.0.1/token',
        timeout: 5000,
        ...('httpsAgent' in request && { httpsAgent: agent(request.httpsAgent) }),
      });
      expect(used).toEqual([expected]);
    });
  });

  it("does not care for the application's Axios defaults", async () => {
    const server = await serve((_, response) =>
      response.writeHead(401, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync('{}')),
    );
    const before = { ...axios.defaults };
    Object.assign(axios.defaults, {
      headers: { common: { Authorization: `Bearer ${SECRET}`, 'X-Api-Key': SECRET }, post: { 'X-Api-Key': SECRET } },
      auth: { username: 'orders', password: SECRET },
      params: { key: SECRET },
      baseURL: 'http://127.0.0.1:9/elsewhere',
      allowAbsoluteUrls: false,
      adapter: () => Promise.reject(new Error('not this one')),
      socketPath: '/nowhere.sock',
      timeout: 1,
      decompress: false,
      validateStatus: () => false,
      maxRedirects: 5,
      maxBodyLength: 1,
      transformRequest: () => SECRET,
      transformResponse: () => SECRET,
    });
    try {
      const http = client();
      const request = { url: `${server.url}/a`, method: 'POST', body: 'a=1', timeout: 5000 } as const;
      const { status, body } = await http.request(request);
      expect([status, body.toString()]).toEqual([401, '{}']);
    } finally {
      for (const name of Object.keys(axios.defaults)) Reflect.deleteProperty(axios.defaults, name);
      Object.assign(axios.defaults, before);
    }
    expect(server.requests).toMatchObject([{ url: '/a', body: 'a=1' }]);
    expect(JSON.stringify(server.requests)).not.toContain(SECRET);
  });
});

async function listen(connected: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    connected(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push({
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
