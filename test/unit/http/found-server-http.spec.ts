import type { LookupAddress, LookupOptions, lookup } from 'node:dns';
import { createServer, type Server } from 'node:https';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FoundServerHttp } from '../../../lib/http/found-server-http.js';
import { publicAgent } from '../../../lib/http/public-agent.js';
import { systemClock } from '../../../lib/time/clock.js';
import { selfSignedCertificate, type TestCertificate } from '../../support/certificates.js';
import { TestHttpServer } from '../../support/http-server.js';

/** A DNS in which every name has these addresses. */
function dnsOf(...addresses: string[]): typeof lookup {
  const found = addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }));
  const answer = (_name: string, _options: LookupOptions, done: (error: null, all: LookupAddress[]) => void): void =>
    done(null, found);
  return answer as unknown as typeof lookup;
}

describe('FoundServerHttp (claim 1.13)', () => {
  let certificate: TestCertificate;
  let server: Server;
  let port: number;
  /** The client certificates that it was shown. */
  const shown: unknown[] = [];

  beforeAll(async () => {
    certificate = selfSignedCertificate('127.0.0.1');
    server = createServer({ ...certificate, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      shown.push((request.socket as TLSSocket).getPeerCertificate().subject);
      response.end('reached');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const ask = (url: string, allowedHosts: readonly string[] = [], resolveName?: typeof lookup): Promise<unknown> => {
    const agent = publicAgent(allowedHosts, resolveName);
    Object.assign(agent.options, { ca: certificate.cert, servername: '127.0.0.1' });
    const http = new FoundServerHttp('trust.resolve', allowedHosts, systemClock, agent);
    return http.request({ url, timeout: 5000 }).then(({ body }) => body.toString());
  };

  it.each([
    ['this machine', '127.0.0.1'],
    ['the metadata of a cloud', '169.254.169.254'],
    ['a private address', '10.0.0.1'],
    ['this machine in IPv6', '[::1]'],
    ['IPv4 in IPv6', '[::ffff:127.0.0.1]'],
    ['this machine as a number', '2130706433'],
  ])('sends nothing to %s', async (_what, host) => {
    await expect(ask(`https://${host}:${port}/jwks`)).rejects.toMatchObject({
      failure: 'insecure',
      message: expect.stringContaining('has an address that is not public, and allowedHosts does not have it'),
    });
  });

  it.each([
    ['this machine', ['127.0.0.1']],
    ['the metadata of a cloud', ['169.254.169.254']],
    ['a public address and this machine', ['93.184.215.14', '127.0.0.1']],
    ['this machine in IPv6', ['::1']],
    ['no address', []],
  ])('sends nothing to a name of %s', async (_what, addresses) => {
    await expect(ask(`https://idp.test:${port}/jwks`, [], dnsOf(...addresses))).rejects.toMatchObject({
      failure: 'network',
      message: expect.stringContaining('leads to an address that is not public'),
    });
  });

  it('sends nothing to localhost, whose address the machine itself knows', async () => {
    await expect(ask(`https://localhost:${port}/jwks`)).rejects.toThrow('leads to an address that is not public');
  });

  it('reaches hosts that are allowed, by address and by name', async () => {
    await expect(ask(`https://127.0.0.1:${port}/jwks`, ['127.0.0.1'])).resolves.toBe('reached');
    await expect(ask(`https://a.idp.test:${port}/jwks`, ['*.idp.test'], dnsOf('127.0.0.1'))).resolves.toBe('reached');
    await expect(ask(`https://b.other.test:${port}/`, ['*.idp.test'], dnsOf('127.0.0.1'))).rejects.toThrow(
      'not public',
    );
  });

  it('shows no certificate, though the agent of the process has one', async () => {
    const { options } = https.globalAgent;
    const before = { cert: options.cert, key: options.key };
    try {
      Object.assign(options, certificate);
      shown.length = 0;
      await ask(`https://127.0.0.1:${port}/jwks`, ['127.0.0.1']);
      expect(shown).toEqual([undefined]);
    } finally {
      Object.assign(options, before);
    }
  });

  it('goes through no proxy of the environment', async () => {
    await using proxy = await TestHttpServer.start((_request, response) => response.end());
    const { HTTPS_PROXY } = process.env;
    try {
      process.env['HTTPS_PROXY'] = proxy.url;
      await expect(ask(`https://idp.test:${port}/`, ['idp.test'], dnsOf('127.0.0.1'))).resolves.toBe('reached');
      expect(proxy.requests).toEqual([]);
    } finally {
      if (HTTPS_PROXY === undefined) delete process.env['HTTPS_PROXY'];
      else process.env['HTTPS_PROXY'] = HTTPS_PROXY;
    }
  });

  it('is plain HTTP on this machine only, and only if it is allowed', async () => {
    await using plain = await TestHttpServer.start((_request, response) => response.end('plain'));
    await expect(ask(plain.url, ['127.0.0.1'])).resolves.toBe('plain');
    await expect(ask(plain.url)).rejects.toThrow('is not HTTPS, and allowedHosts does not have it');
    await expect(ask('http://idp.test/', ['idp.test'], dnsOf('127.0.0.1'))).rejects.toThrow('is not HTTPS');
  });
});
