import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import type { M2MClientEvent } from '../../../lib/client/events/m2m-client-event.js';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { TestAuthorizationServer, type TestClient } from '../../../lib/testing/index.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { callingService } from '../../support/calling-service.js';
import { renewedCertificate, selfSignedCertificate } from '../../support/certificates.js';
import { jwkOf } from '../../support/jwk-of.js';

const own = selfSignedCertificate('server');
const directory = mkdtempSync(join(tmpdir(), 'nestjs-m2m-rotation-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** What a client authenticates with, as files that are replaced. */
interface Rotated {
  readonly files: Readonly<Record<string, string>>;
  /** As the server registers it. */
  readonly registered: TestClient;
}

const keyFile = join(directory, 'tls.key');
const certFile = join(directory, 'tls.crt');

function keyPair(): Rotated {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    files: { [keyFile]: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
    registered: { publicKey: jwkOf(publicKey) },
  };
}

function certificate(): Rotated {
  const { key, cert } = selfSignedCertificate('orders');
  return { files: { [keyFile]: key, [certFile]: cert }, registered: { certificate: cert } };
}

const methods = [
  {
    name: 'privateKeyJwt',
    make: keyPair,
    tls: undefined,
    authentication: () => privateKeyJwt({ key: () => readFile(keyFile), alg: 'ES256' }),
  },
  {
    name: 'mutualTls',
    make: certificate,
    tls: own,
    authentication: () => mutualTls({ cert: () => readFile(certFile), key: () => readFile(keyFile), ca: own.cert }),
  },
];

describe.each(methods)('$name with functions that read files', ({ make, authentication, tls }) => {
  let clock: TestClock;
  let server: TestAuthorizationServer;
  let m2m: M2MClientService;
  let events: M2MClientEvent[];
  let first: Rotated;

  beforeEach(async () => {
    clock = new TestClock();
    first = make();
    write(first);
    const clients = { orders: first.registered };
    server = await TestAuthorizationServer.start({ clients, clock, tls });
    const retry = { attempts: 1 };
    const authorizationServer = { name: 'test', issuer: server.issuer, tokenEndpoint: server.tokenEndpoint };
    const options = { clientSecret: undefined, clientAuthentication: authentication(), authorizationServer, retry };
    m2m = callingService({ url: server.tokenEndpoint }, options, clock);
    events = [];
    m2m.events$.subscribe((event) => void events.push(event));
  });

  afterEach(async () => {
    await server.stop();
  });

  const write = ({ files }: Rotated): void => {
    for (const [path, text] of Object.entries(files)) writeFileSync(path, text);
  };
  const renewed = () => m2m.getToken({ forceRenewal: true });
  const typesOf = () => events.map(({ type }) => type);

  it('gets a token within the same call after the server dropped the old one at once', async () => {
    await m2m.getToken();
    const next = make();
    write(next);
    server.register('orders', next.registered);
    await expect(renewed()).resolves.toEqual(expect.any(String));
    expect(server.requests('token').map(({ status }) => status)).toEqual([200, 401, 200]);
    expect(typesOf()).toEqual(['issued', 'credential-changed', 'renewed']);
  });

  it('uses the new one after 10 minutes without any refusal', async () => {
    await m2m.getToken();
    const next = make();
    write(next);
    await renewed();
    await clock.advance(10 * 60_000);
    server.register('orders', next.registered);
    await renewed();
    expect(server.requests('token').map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('keeps the old one while the files hold something else, and says so once', async () => {
    await m2m.getToken();
    writeFileSync(keyFile, 's3cret');
    await clock.advance(10 * 60_000);
    await renewed();
    await clock.advance(60_000);
    await renewed();
    expect(typesOf()).toEqual(['issued', 'credential-failed', 'renewed', 'credential-failed', 'renewed']);
    expect(inspect(events, { depth: 9 })).not.toContain('s3cret');
  });

  it('fails a call with what is wrong if there is none at hand', async () => {
    rmSync(keyFile);
    await expect(m2m.getToken()).rejects.toThrow(`key function failed with Error ENOENT: ${keyFile}`);
    server.expectTokenRequests(0);
  });
});

describe('mutualTls with functions', () => {
  it('never shows a certificate with the key of another one', async () => {
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
      { type: 'credential-failed', error: { message: expect.stringContaining('cert does not belong to the key') } },
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
});
