import { createServer, type Server } from 'node:http';
import { Agent } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import type { M2MHttpOptions } from '../../../lib/http/http-options.js';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { clientService } from '../../support/calling-service.js';
import { selfSignedCertificate } from '../../support/certificates.js';

const [own, orders] = [selfSignedCertificate('own'), selfSignedCertificate('orders')];
let server: TestAuthorizationServer;
let proxy: Server;
let tunnels: string[] = [];

beforeAll(async () => {
  server = await TestAuthorizationServer.start({ tls: own, clients: { orders: { certificate: orders.cert } } });
  // Every name leads to the authorization server.
  proxy = createServer().on('connect', ({ url }, socket) => {
    tunnels.push(url ?? '');
    const upstream = connect(Number(new URL(server.issuer).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [socket, upstream]) end.on('error', () => end.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await server.stop();
  proxy.closeAllConnections();
  proxy.close();
});

afterEach(() => {
  tunnels = [];
});

function clientWith(http: M2MHttpOptions, tokenEndpoint: string): M2MClientService {
  const options = {
    authorizationServer: { name: 'test', issuer: server.issuer, tokenEndpoint },
    client: { clientId: 'orders', clientAuthentication: mutualTls(orders), retry: { attempts: 1 } },
    http,
  };
  return clientService(options).m2m;
}

const remote = () => server.tokenEndpoint.replace(/127\.0\.0\.1:\d+/, 'id.example.com');
const proxyOptions = () => ({ host: '127.0.0.1', port: (proxy.address() as AddressInfo).port, protocol: 'http' });

describe('mutualTls', () => {
  it('believes the authorities of http.httpsAgent', async () => {
    const client = clientWith({ httpsAgent: new Agent({ ca: own.cert }) }, server.tokenEndpoint);
    await expect(client.getToken()).resolves.toEqual(expect.any(String));
    await expect(clientWith({}, server.tokenEndpoint).getToken()).rejects.toThrow('SELF_SIGNED');
  });

  it('shows its certificate through the proxy of http.proxy, with the options of http.httpsAgent', async () => {
    const httpsAgent = new Agent({ ca: own.cert, checkServerIdentity: () => undefined });
    const client = clientWith({ proxy: proxyOptions(), httpsAgent }, remote());
    await expect(client.getToken()).resolves.toEqual(expect.any(String));
    expect(tunnels).toEqual(['id.example.com:443']);
  });

  it('stops the start with an agent that goes through a proxy by itself', () => {
    class HttpsProxyAgent extends Agent {}
    expect(() => clientWith({ httpsAgent: new HttpsProxyAgent() }, remote())).toThrow(
      /http\.httpsAgent is an agent \(HttpsProxyAgent\)/,
    );
  });
});
