import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { selfSignedCertificate, type TestCertificate } from '../../support/certificates.js';

describe('mutual TLS', () => {
  const [own, client, other] = [
    selfSignedCertificate('own'),
    selfSignedCertificate('orders'),
    selfSignedCertificate('x'),
  ];
  let server: TestAuthorizationServer;
  beforeAll(async () => {
    server = await TestAuthorizationServer.start({ tls: own, clients: { orders: { certificate: client.cert } } });
  });
  afterAll(() => server.stop());

  const ask = (certificate?: TestCertificate): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const tls = { ca: own.cert, agent: false as const, ...certificate };
      request(server.tokenEndpoint, { method: 'POST', headers, ...tls }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end('grant_type=client_credentials&client_id=orders');
    });

  it('takes a client by the certificate that it is registered with, and by no other', async () => {
    expect(server.issuer).toMatch(/^https:/);
    expect([await ask(client), await ask(other), await ask()]).toEqual([200, 401, 401]);
  });

  it('takes each of several certificates while a client rotates', async () => {
    server.register('orders', { certificate: [client.cert, other.cert] });
    expect([await ask(client), await ask(other), await ask(own)]).toEqual([200, 200, 401]);
    server.register('orders', { certificate: client.cert });
  });
});
