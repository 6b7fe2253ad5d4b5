import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Browser, Page } from 'playwright-core';
import type { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { describeWithChromium, startChromium } from '../../support/chromium.js';
import { blockWith, CodeRunner } from '../../support/documentation.js';
import { freePort } from '../../support/free-port.js';

const guide = 'docs/openapi.md';

const runner = new CodeRunner();
let url: string;
let server: TestAuthorizationServer;
let app: INestApplication;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const { startServer } = await runner.run<{ startServer: () => Promise<TestAuthorizationServer> }>(
    'server',
    blockWith(guide, 'TestAuthorizationServer'),
    { 'http://127.0.0.1:3000': url },
  );
  server = await startServer();
  const { start } = await runner.run<{ start: (port: number) => Promise<INestApplication> }>(
    'api',
    blockWith(guide, 'class ProductsController'),
    { "auth0({ domain: 'acme.eu.auth0.com' })": JSON.stringify(server.authorizationServer) },
  );
  app = await start(port);
});
afterAll(async () => {
  await app.close();
  await server.stop();
  runner[Symbol.dispose]();
});

describe('docs/openapi.md', () => {
  it('describes what the guard of its module demands', async () => {
    const document = (await (await fetch(`${url}/docs-json`)).json()) as OpenAPIObject;
    expect(document.paths['/products']?.get?.security).toEqual([{ m2m: ['read:products'] }]);
    expect(document.components?.securitySchemes).toMatchObject({
      m2m: { flows: { clientCredentials: { tokenUrl: server.tokenEndpoint, scopes: { 'read:products': '' } } } },
    });
  });

  it('shows how a document has a token URL of its own', async () => {
    const { config } = await runner.run<{ config: OpenAPIObject }>('config', blockWith(guide, 'addOAuth2'));
    expect(config.components?.securitySchemes?.['m2m']).toMatchObject({
      flows: { clientCredentials: { tokenUrl: 'https://login.example.com/token' } },
    });
  });
});

describeWithChromium('Swagger UI of docs/openapi.md, in a browser,', () => {
  it('gets a 401 without a token', async () => {
    await using browser = await startChromium();
    expect(await execute(await openProducts(browser))).toEqual([
      '401',
      expect.stringContaining('an access token is needed'),
    ]);
  });

  it('gets a token by client credentials, and a 200 with it', async () => {
    await using browser = await startChromium();
    const page = await openProducts(browser);
    server.clearRequests();
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.locator('#client_id_clientCredentials').fill('orders');
    await page.locator('#client_secret_clientCredentials').fill('s3cret');
    await page.getByText('select all').click();
    await page.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
    await page.getByText('Logout').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    expect(server.requests('token')).toMatchObject([{ status: 200, parameters: { scope: 'read:products' } }]);
    expect(await execute(page)).toEqual(['200', expect.stringContaining('a product for orders')]);
  });
});

describe('allowedOrigins of the testing kit', () => {
  const allowed = 'access-control-allow-origin';

  it('lets pages of these origins send requests, and read the answers', async () => {
    const headers = { origin: url, 'access-control-request-method': 'POST' };
    const requested = { ...headers, 'access-control-request-headers': 'authorization,x-requested-with' };
    const preflight = await fetch(server.tokenEndpoint, { method: 'OPTIONS', headers: requested });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get(allowed)).toBe(url);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,x-requested-with');
    const refused = await fetch(server.tokenEndpoint, { method: 'POST', headers: { origin: url } });
    expect(refused.headers.get(allowed)).toBe(url);
  });

  it('lets pages of no other origin', async () => {
    const headers = { origin: 'http://127.0.0.1:1', 'access-control-request-method': 'POST' };
    const preflight = await fetch(server.tokenEndpoint, { method: 'OPTIONS', headers });
    expect([preflight.status, preflight.headers.has(allowed)]).toEqual([405, false]);
  });
});

/** Opens the operation of the guide. */
async function openProducts(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`${url}/docs`);
  await page.getByText('/products').click();
  await page.getByRole('button', { name: 'Try it out' }).click();
  return page;
}

/** Sends the request of the operation, and reads the status and the body from the page. */
async function execute(page: Page): Promise<[status: string, body: string]> {
  await page.getByRole('button', { name: 'Execute' }).click();
  const answer = page.locator('.live-responses-table .response').first();
  const status = await answer.locator('.response-col_status').innerText();
  return [status.trim().slice(0, 3), await answer.locator('.response-col_description').innerText()];
}
