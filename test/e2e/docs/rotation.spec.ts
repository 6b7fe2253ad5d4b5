import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash, X509Certificate } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readCredential } from '../../../lib/client-authentication/credential-option.js';
import type { PrivateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import type { M2MClientOptions } from '../../../lib/options/client-options.js';
import { TestAuthorizationServer, type TestClient } from '../../../lib/testing/index.js';
import { systemClock } from '../../../lib/time/clock.js';
import { callingService } from '../../support/calling-service.js';
import { selfSignedCertificate, type TestCertificate } from '../../support/certificates.js';
import { blockWith, CodeRunner } from '../../support/documentation.js';

type Recipe = 'withSecret' | 'withKey' | 'withCertificate' | 'atEntraId';

const PAGE = 'docs/rotation.md';
const own = selfSignedCertificate('server');
const [old, next] = [selfSignedCertificate('old'), selfSignedCertificate('next')];
const directory = mkdtempSync(join(tmpdir(), 'nestjs-m2m-rotation-guide-'));
const runner = new CodeRunner();
const replacements = { '/run/tls': directory, '/run/secrets': directory, "'PS256'": "'ES256'", "'RS256'": "'ES256'" };

function write({ key, cert }: TestCertificate): void {
  const secret = createHash('sha256').update(key).digest('hex');
  const files = { 'tls.key': key, 'tls.crt': cert, 'ca.crt': own.cert, orders: `${secret}\n` };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
}

/** How a server registers the client. */
const registered: Readonly<Record<Recipe, (pair: TestCertificate) => TestClient>> = {
  withSecret: ({ key }) => ({ secret: createHash('sha256').update(key).digest('hex') }),
  withKey: ({ cert }) => ({ publicKey: cert }),
  withCertificate: ({ cert }) => ({ certificate: cert }),
  atEntraId: ({ cert }) => ({ publicKey: cert }),
};

beforeEach(() => write(old));
afterAll(() => {
  runner[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

describe('the guide to rotation', () => {
  it.each<[Recipe, string]>([
    ['withSecret', 'a secret'],
    ['withKey', 'a key'],
    ['withCertificate', 'a certificate'],
    ['atEntraId', 'a certificate at Entra ID'],
  ])('has a recipe (%s) that replaces %s within one call', async (recipe) => {
    const code = blockWith(PAGE, 'export const withSecret');
    const all = await runner.run<Record<Recipe, M2MClientOptions>>('recipes', code, replacements);
    await using server = await TestAuthorizationServer.start({
      ...(recipe === 'withCertificate' && { tls: own }),
      ...(recipe === 'atEntraId' && { dialect: 'entraId' }),
      clients: { orders: registered[recipe](old) },
    });
    const { tokenEndpoint, issuer } = server;
    const { scope } = server.tokenRequest();
    const authorizationServer = { ...server.authorizationServer, issuer };
    const client = { clientSecret: undefined, ...all[recipe], authorizationServer, scope };
    const m2m = callingService({ url: tokenEndpoint }, client);
    await m2m.getToken();
    write(next);
    server.register('orders', registered[recipe](next));
    await expect(m2m.getToken({ forceRenewal: true })).resolves.toEqual(expect.any(String));
    expect(server.requests('token').map(({ status }) => status)).toEqual([200, 401, 200]);
  });

  it('has a header with the SHA-1 thumbprint for AD FS', async () => {
    const code = blockWith(PAGE, 'atAdfs');
    const { atAdfs } = await runner.run<{ atAdfs: PrivateKeyJwt }>('adfs', code, replacements);
    const { header } = await readCredential(atAdfs.credential, systemClock);
    const x5t = createHash('sha1').update(new X509Certificate(old.cert).raw).digest('base64url');
    expect(header).toMatchObject({ x5t });
  });

  it('has an agent for targets that follows the certificate', async () => {
    const recipes = await runner.run<Record<Recipe, M2MClientOptions>>(
      'certificates',
      blockWith(PAGE, 'export const withSecret'),
      replacements,
    );
    const { shopAgent, ShopCertificate } = await runner.run<{
      shopAgent: Agent;
      ShopCertificate: new (m2m: M2MClientService) => { onModuleInit(): void };
    }>('agent', blockWith(PAGE, 'shopAgent'), replacements);
    const clients = { orders: registered.withCertificate(old) };
    await using server = await TestAuthorizationServer.start({ tls: own, clients });
    const { authorizationServer } = server;
    const client = { clientSecret: undefined, ...recipes.withCertificate, authorizationServer };
    const m2m = callingService({ url: server.tokenEndpoint }, client);
    new ShopCertificate(m2m).onModuleInit();
    await m2m.getToken();
    expect(String(shopAgent.options.cert)).toBe(old.cert);
    write(next);
    server.register('orders', registered.withCertificate(next));
    await m2m.getToken({ forceRenewal: true });
    expect(String(shopAgent.options.cert)).toBe(next.cert);
  });
});
