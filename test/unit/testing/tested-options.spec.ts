import { expect, it } from '@jest/globals';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import type { M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import { TestAuthorizationServer } from '../../../lib/testing/test-authorization-server.js';
import { optionsFor, testedOptions } from '../../../lib/testing/tested-options.js';

it('testedOptions keeps the insecure origins of targets, and those of the servers that it replaces', async () => {
  await using server = await TestAuthorizationServer.start({ clients: { orders: 's3cret' } });
  const insecureOrigins = ['http://keycloak:8080', 'http://products:3000'];
  const client = { clientId: 'orders', clientSecret: 's3cret', targets: { products: { url: 'http://products:3000' } } };
  const authorizationServer = keycloak({ url: 'http://keycloak:8080', realm: 'acme' });
  const tested = testedOptions(server, { authorizationServer, client, insecureOrigins });
  expect(tested.client?.authorizationServer?.issuer).toBe(server.issuer);
  expect(tested.client?.targets[0]?.origin).toBe('http://products:3000');
});

it('testedOptions makes the test server the primary issuer of an application that has none', async () => {
  await using server = await TestAuthorizationServer.start({ resources: ['https://shop.example'] });
  const resourceServer = { trust: [{ resolve: () => undefined }] };
  const { primary } = testedOptions(server, { resourceServer }).resourceServer ?? {};
  expect(primary).toMatchObject({ authorizationServer: { issuer: server.issuer }, audience: ['https://shop.example'] });
  expect(() => testedOptions(server, { resourceServer: { trust: [] } })).toThrow('resourceServer.audience');
});

const accessTokenProvider = () => Promise.reject(new Error('not called'));

it('testedOptions has the test server issue the tokens that a function would get', async () => {
  await using server = await TestAuthorizationServer.start({ clients: { orders: 's3cret' } });
  const { client } = testedOptions(server, {
    client: { accessTokenProvider, clients: { cloud: { accessTokenProvider } } },
  });
  expect(client).toMatchObject({ clientId: 'orders', authorizationServer: { issuer: server.issuer } });
  expect(client?.clients.get('cloud')).toMatchObject({ clientId: 'cloud', accessTokenProvider: undefined });
  expect(client?.clients.get('cloud')?.clientSecret?.()).toBe(server.secretOf('cloud'));
});

const find = (name: string) =>
  name === 'acme' ? { clientId: 'acme-orders', clientSecret: 'of-production' } : undefined;

it('testedOptions registers the clients that a function returns, and keeps its undefined', async () => {
  await using server = await TestAuthorizationServer.start({ clients: { orders: 's3cret' } });
  for (const clients of [find, { resolve: find, allowedHosts: [] }]) {
    const { client } = testedOptions(server, { client: { clientId: 'orders', clientSecret: 's3cret', clients } });
    const found = (await client?.clientResolver?.resolve('acme')) as M2MNamedClientOptions;
    expect(found).toMatchObject({ clientId: 'acme-orders', authorizationServer: undefined });
    expect((found.clientSecret as () => string)()).toBe(server.secretOf('acme-orders'));
    expect(await client?.clientResolver?.resolve('nobody')).toBeUndefined();
  }
});

it('optionsFor names the clients at Zitadel, whose tokens do not tell a machine from a user', async () => {
  await using server = await TestAuthorizationServer.start({ dialect: 'zitadel', clients: { orders: 's3cret' } });
  expect(testedOptions(server, optionsFor(server, {})).resourceServer?.primary).toMatchObject({
    audience: server.resources,
    allowedClients: ['orders'],
    callers: 'any',
  });
});
