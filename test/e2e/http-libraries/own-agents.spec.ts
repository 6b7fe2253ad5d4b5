import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { M2MClientService } from '../../../lib/index.js';
import { M2MTestingModule, TestAuthorizationServer } from '../../../lib/testing/index.js';
import { selfSignedCertificate } from '../../support/certificates.js';
import { AppModule } from './recipes/own-agents.module.js';

it('m2m.fetch, m2m.fetchFor and Axios trust the certificate authority of the target, with the token', async () => {
  const certificate = selfSignedCertificate('products');
  const products = createServer(certificate, ({ headers }, response) => response.end(headers.authorization));
  await new Promise<void>((resolve) => products.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-m2m-ca-'));
  const url = `https://127.0.0.1:${(products.address() as AddressInfo).port}`;
  process.env['PRODUCTS_CA'] = join(folder, 'ca.pem');
  process.env['PRODUCTS_URL'] = url;
  writeFileSync(process.env['PRODUCTS_CA'], certificate.cert);
  await using server = await TestAuthorizationServer.start();
  const builder = Test.createTestingModule({ imports: [AppModule] });
  const module = await M2MTestingModule.override(builder, server).compile();
  const m2m = module.get(M2MClientService);
  const bearer = `Bearer ${await m2m.getToken({ target: 'products' })}`;
  try {
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    expect(await (await m2m.fetch('/', {}, { target: 'products' })).text()).toBe(bearer);
    expect(await (await m2m.fetchFor('products')('/')).text()).toBe(bearer);
    expect((await m2m.for('products').axiosRef.get('/')).data).toBe(bearer);
    const overFetch = m2m.for('products').axiosRef.get('/', { adapter: 'fetch' });
    await expect(overFetch).rejects.toThrow("adapter: 'http'");
  } finally {
    delete process.env['PRODUCTS_CA'];
    delete process.env['PRODUCTS_URL'];
    rmSync(folder, { recursive: true });
    await module.close();
    products.closeAllConnections();
    products.close();
  }
});
