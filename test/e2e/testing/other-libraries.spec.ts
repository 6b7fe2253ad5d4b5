import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer';
import * as client from 'openid-client';
import request from 'supertest';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';

const SHOP = 'https://shop.example';

let server: TestAuthorizationServer;
beforeAll(async () => {
  server = await TestAuthorizationServer.start({ clients: { orders: 's3cret' }, resources: [SHOP] });
});
afterAll(() => server.stop());

function discover(
  authentication: client.ClientAuth,
  algorithm: 'oidc' | 'oauth2' = 'oidc',
): Promise<client.Configuration> {
  const options = { algorithm, execute: [client.allowInsecureRequests] };
  return client.discovery(new URL(server.issuer), 'orders', undefined, authentication, options);
}

describe('openid-client', () => {
  it.each([
    ['oauth2', client.ClientSecretBasic('s3cret')],
    ['oidc', client.ClientSecretPost('s3cret')],
    ['oidc', client.ClientSecretJwt('s3cret')],
  ] as const)('discovers it (%s), and gets, introspects and revokes a token', async (algorithm, authentication) => {
    const config = await discover(authentication, algorithm);
    const tokens = await client.clientCredentialsGrant(config, { resource: SHOP, scope: 'read:products' });
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'read:products' });
    const introspect = async (): Promise<boolean> =>
      (await client.tokenIntrospection(config, tokens.access_token)).active;
    expect(await introspect()).toBe(true);
    await client.tokenRevocation(config, tokens.access_token);
    expect(await introspect()).toBe(false);
  });

  it('reads its refusals', async () => {
    const wrong = client.clientCredentialsGrant(await discover(client.ClientSecretPost('nope')));
    await expect(wrong).rejects.toMatchObject({ cause: expect.anything() });
    const scope = client.clientCredentialsGrant(await discover(client.ClientSecretPost('s3cret')), { scope: 'x' });
    await expect(scope).rejects.toMatchObject({ status: 400, error: 'invalid_scope' });
  });
});

describe('express-oauth2-jwt-bearer', () => {
  it('verifies its tokens', async () => {
    const app = express();
    const options = { issuerBaseURL: server.issuer, audience: SHOP };
    app.get(
      '/products',
      auth(options),
      requiredScopes('read:products'),
      (_request, response) => void response.json([]),
    );
    const list = async (token: string): Promise<number> =>
      (await request(app).get('/products').auth(token, { type: 'bearer' })).status;
    expect(await list(await server.mint())).toBe(200);
    expect(await list(await server.mint({ scope: 'write:products' }))).toBe(403);
    expect(await list(await server.mint({ audience: 'https://other.example' }))).toBe(401);
    expect(await list(await server.mint({ expiresIn: -60_000 }))).toBe(401);
  });
});
