import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestAuthorizationServer } from '../../../lib/testing/test-authorization-server.js';
import { blockWith, CodeRunner } from '../../support/documentation.js';
import { verificationApp } from '../verification/verification-app.js';
import { answerOf, startModule } from './running-module.js';

const PAGE = 'docs/opaque-tokens.md';

describe(PAGE, () => {
  const runner = new CodeRunner();
  let server: TestAuthorizationServer;
  beforeAll(async () => {
    process.env['INTROSPECTION_SECRET'] = 'products-secret';
    server = await TestAuthorizationServer.start({
      clients: { 'orders-service': { tokenFormat: 'opaque' }, 'products-api': 'products-secret' },
      resources: ['https://products-api'],
      signingAlg: 'ES256',
    });
  });
  afterAll(() => {
    delete process.env['INTROSPECTION_SECRET'];
    runner[Symbol.dispose]();
    return server.stop();
  });

  it('lets opaque tokens in with the module that it shows', async () => {
    const block = blockWith(PAGE, 'class AppModule');
    const here = { 'https://id.example.com': server.issuer };
    const { AppModule } = await runner.run<{ AppModule: Type }>('opaque-tokens', block, here);
    await using api = await startModule(AppModule);
    const get = (token: string) => answerOf(`${api.url}/products`, token);
    expect(await get(await server.mint())).toEqual([200, 'products for orders-service']);
    expect(await get('never-issued')).toEqual([401, '']);
  });

  it('accepts the sparse answers of a server with the options that it shows', async () => {
    const block = blockWith(PAGE, "callers: 'any'");
    const here = { 'https://id.example.com': server.issuer };
    const { options } = await runner.run<{ options: M2MModuleOptions }>('sparse', block, here);
    await using app = await verificationApp(options);
    const token = await server.mint({ claims: { aud: undefined, sub: undefined } });
    expect((await app.get(M2MTokenVerifier).verify(token)).kind).toBe('unknown');
  });

  it('shows options of two issuers that can start', async () => {
    const block = blockWith(PAGE, "tokenPrefix: 'ory_at_'");
    const { options } = await runner.run<{ options: M2MModuleOptions }>('two-issuers', block);
    const issuers = resolveOptions(options).resourceServer?.issuers ?? [];
    expect(issuers.map(({ introspection }) => introspection?.tokenPrefix)).toEqual([undefined, 'ory_at_']);
  });

  it('shows a test server that ends a token', async () => {
    const block = blockWith(PAGE, 'server.revoke(');
    const { revokedTokens } = await runner.run<{ revokedTokens(): Promise<TestAuthorizationServer> }>('revoked', block);
    await using made = await revokedTokens();
    expect(made.clientIds).toEqual(['orders-service', 'products-api']);
  });
});
