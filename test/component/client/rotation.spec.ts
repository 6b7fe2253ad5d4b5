import { X509Certificate } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Agent, createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import type { M2MClientEvent } from '../../../lib/client/events/m2m-client-event.js';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { tokenOf } from '../../support/caller.js';
import { callingService, clientService } from '../../support/calling-service.js';
import { renewedCertificate, selfSignedCertificate } from '../../support/certificates.js';
import { CredentialFiles, rotatedMethods, type Rotated } from '../../support/rotated-credentials.js';
import { until } from '../../support/until.js';

const own = selfSignedCertificate('server');
const thumbprintOf = (certificate: X509Certificate | undefined) =>
  Buffer.from(certificate?.fingerprint256.replaceAll(':', '') ?? '', 'hex').toString('base64url');

describe.each(rotatedMethods)('$name with functions that read files', ({ make, authentication, tls }) => {
  let files: CredentialFiles;
  let clock: TestClock;
  let server: TestAuthorizationServer;
  let m2m: M2MClientService;
  let events: M2MClientEvent[];
  let first: Rotated;

  beforeEach(async () => {
    clock = new TestClock();
    first = make();
    files = new CredentialFiles();
    files.write(first);
    const clients = { orders: first.registered };
    server = await TestAuthorizationServer.start({ clients, clock, tls });
    const retry = { attempts: 1 };
    const authorizationServer = { name: 'test', issuer: server.issuer, tokenEndpoint: server.tokenEndpoint };
    const options = {
      clientSecret: undefined,
      clientAuthentication: authentication(files),
      authorizationServer,
      retry,
    };
    m2m = callingService({ url: server.tokenEndpoint }, options, clock);
    events = [];
    m2m.events$.subscribe((event) => void events.push(event));
  });

  afterEach(async () => {
    await server.stop();
    files[Symbol.dispose]();
  });

  const renewed = () => m2m.getToken({ forceRenewal: true });
  const typesOf = () => events.map(({ type }) => type);

  it('gets a token within the same call after the server dropped the old one at once', async () => {
    await m2m.getToken();
    const next = make();
    files.write(next);
    server.register('orders', next.registered);
    await expect(renewed()).resolves.toEqual(expect.any(String));
    expect(server.requests('token').map(({ status }) => status)).toEqual([200, 401, 200]);
    expect(typesOf()).toEqual(['issued', 'credential-changed', 'renewed']);
  });

  it('uses the new one after 10 minutes without any refusal', async () => {
    await m2m.getToken();
    const next = make();
    files.write(next);
    await renewed();
    await clock.advance(10 * 60_000);
    server.register('orders', next.registered);
    await renewed();
    expect(server.requests('token').map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('keeps the old one while the files hold something else, and says so each time (claim 6.5)', async () => {
    await m2m.getToken();
    files.write({ key: 's3cret' });
    await clock.advance(10 * 60_000);
    await renewed();
    await clock.advance(60_000);
    await renewed();
    expect(typesOf()).toEqual(['issued', 'credential-failed', 'renewed', 'credential-failed', 'renewed']);
    expect(inspect(events, { depth: 9 })).not.toContain('s3cret');
  });

  it('fails a call with what is wrong if there is none at hand', async () => {
    rmSync(files.key);
    await expect(m2m.getToken()).rejects.toThrow(`key function failed with Error ENOENT: ${files.key}`);
    server.expectTokenRequests(0);
  });
});

describe('mutualTls with functions', () => {
  it('never shows a certificate with the key of another one (claim 6.5)', async () => {
    const [old, next] = [selfSignedCertificate('orders'), selfSignedCertificate('orders')];
    let [cert, key] = [old.cert, old.key];
    await using server = await TestAuthorizationServer.start({
      clients: { orders: { certificate: old.cert } },
      tls: own,
    });
    const clock = new TestClock();
    const clientAuthentication = mutualTls({ cert: () => cert, key: () => key, ca: own.cert });
    const m2m = callingService({ url: server.tokenEndpoint }, { clientSecret: undefined, clientAuthentication }, clock);
    const events: M2MClientEvent[] = [];
    m2m.events$.subscribe((event) => void events.push(event));
    await m2m.getToken();
    ({ cert } = next);
    await clock.advance(10 * 60_000);
    await m2m.getToken({ forceRenewal: true });
    expect(events.slice(1)).toMatchObject([
      { type: 'credential-failed', error: { message: expect.stringContaining('does not belong to the key') } },
      { type: 'renewed' },
    ]);
    ({ key } = next);
    server.register('orders', { certificate: next.cert });
    await m2m.getToken({ forceRenewal: true });
    const thumbprint = new X509Certificate(next.cert).fingerprint256.replaceAll(':', '').toLowerCase();
    const changed = events.find((event) => event.type === 'credential-changed');
    expect(Buffer.from(changed?.thumbprint ?? '', 'base64url').toString('hex')).toBe(thumbprint);
  });

  it('shows a renewed certificate of the same key', async () => {
    const old = selfSignedCertificate('orders');
    const next = renewedCertificate(old, 'orders');
    let { cert } = old;
    await using server = await TestAuthorizationServer.start({ clients: { orders: { certificate: cert } }, tls: own });
    const clientAuthentication = mutualTls({ cert: () => cert, key: old.key, ca: own.cert });
    const m2m = callingService({ url: server.tokenEndpoint }, { clientSecret: undefined, clientAuthentication });
    await m2m.getToken();
    ({ cert } = next);
    server.register('orders', { certificate: cert });
    await expect(m2m.getToken({ forceRenewal: true })).resolves.toEqual(expect.any(String));
  });

  it('replaces a token that is bound to the old certificate, and keeps one that is bound to none (claim 1.17)', async () => {
    const [old, next] = [selfSignedCertificate('orders'), selfSignedCertificate('orders')];
    let current = old;
    const bound = ({ cert }: typeof old) => {
      const thumbprint = Buffer.from(new X509Certificate(cert).fingerprint256.replaceAll(':', ''), 'hex');
      return { certificate: cert, claims: { cnf: { 'x5t#S256': thumbprint.toString('base64url') } } };
    };
    const clients = { orders: bound(old) };
    await using server = await TestAuthorizationServer.start({
      clients,
      tls: own,
      resources: ['https://a', 'https://b'],
    });
    const clientAuthentication = mutualTls({ cert: () => current.cert, key: () => current.key, ca: own.cert });
    const m2m = callingService({ url: server.tokenEndpoint }, { clientSecret: undefined, clientAuthentication });
    const [a, b] = [{ resource: 'https://a' }, { resource: 'https://b' }];
    const boundTo = async (request: typeof a) => decodeJwt(await m2m.getToken(request))['cnf'];
    expect(await boundTo(a)).toEqual(bound(old).claims.cnf);
    current = next;
    server.register('orders', bound(next));
    // The token for the other resource shows that the certificate changed.
    expect(await boundTo(b)).toEqual(bound(next).claims.cnf);
    expect(await boundTo(a)).toEqual(bound(next).claims.cnf);
    server.register('orders', { certificate: [old.cert, next.cert] });
    await m2m.invalidate(a);
    const unbound = await m2m.getToken(a);
    current = old;
    await m2m.getToken({ ...b, forceRenewal: true });
    expect(await m2m.getToken(a)).toBe(unbound);
  });

  it('replaces a kept token that is bound to the old certificate, within 30 s (claim 1.17)', async () => {
    const [old, next] = [selfSignedCertificate('orders'), selfSignedCertificate('orders')];
    let current = old;
    const clock = new TestClock();
    const clients = { orders: { certificate: [old.cert, next.cert], claims: { cnf: { 'x5t#S256': 'x' } } } };
    await using server = await TestAuthorizationServer.start({ clients, tls: own, clock });
    const clientAuthentication = mutualTls({ cert: () => current.cert, key: () => current.key, ca: own.cert });
    const m2m = callingService({ url: server.tokenEndpoint }, { clientSecret: undefined, clientAuthentication }, clock);
    using kept = await m2m.keepToken();
    const { value } = kept;
    await clock.advance(30_000);
    expect(kept.value).toBe(value);
    current = next;
    await clock.advance(10 * 60_000);
    await m2m.getToken({ scope: 'read:products' });
    expect(kept.value).toBe(value);
    await clock.advance(30_000);
    await until(() => kept.value !== value);
    const { tokenRequests } = m2m.stats();
    await clock.advance(60_000);
    expect(m2m.stats().tokenRequests).toBe(tokenRequests);
  });

  it('serves a bound token for as long as no other can be had', async () => {
    const [old, next] = [selfSignedCertificate('orders'), selfSignedCertificate('orders')];
    let current = old;
    const cnf = { 'x5t#S256': 'x' };
    const clients = { orders: { certificate: old.cert, claims: { cnf } } };
    await using server = await TestAuthorizationServer.start({
      clients,
      tls: own,
      resources: ['https://a', 'https://b'],
    });
    const clientAuthentication = mutualTls({ cert: () => current.cert, key: () => current.key, ca: own.cert });
    const options = { clientSecret: undefined, clientAuthentication, retry: { attempts: 1 } };
    const m2m = callingService({ url: server.tokenEndpoint }, options);
    const token = await m2m.getToken({ resource: 'https://a' });
    current = next;
    await expect(m2m.getToken({ resource: 'https://unknown' })).rejects.toThrow('invalid_target');
    server.register('orders', { certificate: selfSignedCertificate('none').cert });
    await expect(m2m.getToken({ resource: 'https://b' })).rejects.toThrow('invalid_client');
    expect(await m2m.getToken({ resource: 'https://a' })).toBe(token);
  });
});

describe('a token endpoint that refuses the old certificate in the handshake', () => {
  it('is shown the new one within the same call', async () => {
    const [old, next] = [selfSignedCertificate('orders'), selfSignedCertificate('orders')];
    let current = old;
    let requests = 0;
    const endpoint = createServer(
      { ...own, ca: old.cert, requestCert: true, rejectUnauthorized: true },
      (_, response) => {
        requests += 1;
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ access_token: `t${requests}`, token_type: 'Bearer', expires_in: 60 }));
      },
    );
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    try {
      const url = `https://127.0.0.1:${(endpoint.address() as AddressInfo).port}/token`;
      const clientAuthentication = mutualTls({ cert: () => current.cert, key: () => current.key, ca: own.cert });
      const m2m = callingService({ url }, { clientSecret: undefined, clientAuthentication });
      expect(await m2m.getToken()).toBe('t1');
      current = next;
      endpoint.setSecureContext({ ...own, ca: next.cert });
      endpoint.closeAllConnections();
      expect(await m2m.getToken({ forceRenewal: true })).toBe('t2');
    } finally {
      endpoint.closeAllConnections();
      await new Promise((resolve) => endpoint.close(resolve));
    }
  });
});

describe('a target that takes tokens with their certificate only', () => {
  const [old, next] = [selfSignedCertificate('orders'), selfSignedCertificate('orders')];
  const registered = ({ cert }: typeof old) => ({
    certificate: cert,
    claims: { cnf: { 'x5t#S256': thumbprintOf(new X509Certificate(cert)) } },
  });
  let server: TestAuthorizationServer;
  let target: Server;
  let url: string;
  let current = old;
  let agent: Agent;
  const clientAuthentication = mutualTls({ cert: () => current.cert, key: () => current.key, ca: own.cert });

  beforeEach(async () => {
    current = old;
    server = await TestAuthorizationServer.start({ clients: { orders: registered(old) }, tls: own });
    target = createServer({ ...own, requestCert: true, rejectUnauthorized: false }, ({ socket, headers }, response) => {
      const { cnf } = decodeJwt<{ cnf?: Record<string, string> }>(headers.authorization?.slice('Bearer '.length) ?? '');
      const isPresented = cnf?.['x5t#S256'] === thumbprintOf((socket as TLSSocket).getPeerX509Certificate());
      response.writeHead(isPresented ? 200 : 401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end('{}');
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(target.address() as AddressInfo).port}`;
    agent = new Agent({ keepAlive: true, ca: own.cert, cert: old.cert, key: old.key });
  });

  afterEach(async () => {
    agent.destroy();
    target.closeAllConnections();
    await Promise.all([server.stop(), new Promise((resolve) => target.close(resolve))]);
  });

  const client = () =>
    callingService(
      { url: server.tokenEndpoint },
      { clientSecret: undefined, clientAuthentication, targets: { shop: { url, http: { httpsAgent: agent } } } },
    );
  const present = ({ cert, key }: typeof old) => Object.assign(agent.options, { cert, key });

  it('gets a new token within the same call if its connection presents the new certificate first', async () => {
    const m2m = client();
    expect((await m2m.fetch(url)).status).toBe(200);
    current = next;
    server.register('orders', registered(next));
    present(next);
    expect((await m2m.fetch(url)).status).toBe(200);
    server.expectTokenRequests(2);
  });

  it('gets a new token in exchange for that of the caller in the same way', async () => {
    const shop = { url, token: 'exchange' as const, exchange: { audience: null }, http: { httpsAgent: agent } };
    const { m2m } = clientService({
      authorizationServer: { name: 'test', issuer: server.issuer, tokenEndpoint: server.tokenEndpoint },
      client: { clientId: 'orders', clientAuthentication, targets: { shop } },
      resourceServer: { audience: 'https://orders.example' },
    });
    const onBehalfOf = tokenOf(await server.mint({ clientId: 'orders', user: 'alice' }), { issuer: server.issuer });
    expect((await m2m.fetch(url, {}, { onBehalfOf })).status).toBe(200);
    current = next;
    server.register('orders', registered(next));
    present(next);
    for (let times = 0; times < 2; times += 1) {
      expect((await m2m.fetch(url, {}, { onBehalfOf })).status).toBe(200);
      server.expectTokenRequests(2);
    }
  });

  it('gets no new token for another certificate than that of the client', async () => {
    const m2m = client();
    await m2m.fetch(url);
    present(next);
    expect((await m2m.fetch(url)).status).toBe(401);
    server.expectTokenRequests(1);
  });

  it('gets a new token once the client authenticates with a new certificate, if its agent follows', async () => {
    const m2m = client();
    m2m.events$.subscribe(({ type }) => type === 'credential-changed' && present(current));
    await m2m.fetch(url);
    current = next;
    server.register('orders', registered(next));
    await m2m.getToken({ scope: 'read:products' });
    expect((await m2m.fetch(url)).status).toBe(200);
    server.expectTokenRequests(4);
  });
});
