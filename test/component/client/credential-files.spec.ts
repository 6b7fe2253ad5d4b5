import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import { optionsFromEnvironment } from '../../../lib/options/options-from-environment.js';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';

@Module({})
class CallerModule {}

let folder: string;
let server: TestAuthorizationServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'm2m-'));
  server = await TestAuthorizationServer.start({ clients: { orders: {} } });
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** A service whose credentials are in a file that a variable names. */
async function serviceWith(credentials: Record<string, string>) {
  const environment = { M2M_ISSUER: server.issuer, M2M_PROVIDER: 'oidc', M2M_CLIENT_ID: 'orders', ...credentials };
  const imports = [M2MModule.forRoot(optionsFromEnvironment(environment))];
  const app = await NestFactory.createApplicationContext({ module: CallerModule, imports }, { logger: false });
  const renew = () => app.get(M2MClientService).getAccessToken({ forceRenewal: true });
  return { renew, [Symbol.asyncDispose]: () => app.close() };
}

/** Writes a new key into a file, and has the server know it alone. */
function rotateKey(file: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  server.register('orders', { publicKey });
}

describe('a file that a variable names', () => {
  it('with a private key may be replaced while the service runs', async () => {
    const file = join(folder, 'key.pem');
    rotateKey(file);
    await using service = await serviceWith({ M2M_PRIVATE_KEY_FILE: file });
    const first = await service.renew();
    rotateKey(file);
    const second = await service.renew();
    expect(second.value).not.toBe(first.value);
    expect(server.requests('token').map(({ status }) => status)).toEqual([200, 401, 200]);
  });

  it('with a secret may be replaced while the service runs', async () => {
    const file = join(folder, 'secret');
    writeFileSync(file, 'first\n');
    server.register('orders', 'first');
    await using service = await serviceWith({ M2M_CLIENT_SECRET_FILE: file });
    await service.renew();
    writeFileSync(file, 'second\n');
    server.register('orders', 'second');
    await service.renew();
    expect(server.requests('token').map(({ status }) => status)).toEqual([200, 401, 200]);
  });
});
