import { execFileSync } from 'node:child_process';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';

interface Certificate {
  readonly cert: string;
  readonly key: string;
}

function selfSigned(name: string): Certificate {
  const options = '-x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -keyout - -days 1'.split(' ');
  const pem = execFileSync('openssl', ['req', ...options, '-subj', `/CN=${name}`], { encoding: 'utf8', stdio: 'pipe' });
  const part = (label: string): string =>
    new RegExp(`-----BEGIN ${label}-----[^]+-----END ${label}-----`).exec(pem)![0];
  return { cert: part('CERTIFICATE'), key: part('PRIVATE KEY') };
}

describe('mutual TLS', () => {
  const [own, client, other] = ['localhost', 'orders', 'other'].map(selfSigned) as [
    Certificate,
    Certificate,
    Certificate,
  ];
  let server: TestAuthorizationServer;
  beforeAll(async () => {
    server = await TestAuthorizationServer.start({ tls: own, clients: { orders: { certificate: client.cert } } });
  });
  afterAll(() => server.stop());

  const ask = (certificate?: Certificate): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const tls = { ca: own.cert, servername: 'localhost', agent: false as const, ...certificate };
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
});
