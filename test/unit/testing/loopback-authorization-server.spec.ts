import { expect, it } from '@jest/globals';
import { TestAuthorizationServer, type TestDialectName } from '../../../lib/testing/index.js';

const names: [TestDialectName, string][] = [
  ['standard', 'OpenID Connect'],
  ['auth0', 'Auth0'],
  ['cognito', 'Cognito'],
  ['logto', 'Logto'],
  ['simpleIdServer', 'SimpleIdServer'],
  ['keycloak', 'Keycloak'],
  ['entraId', 'Entra ID'],
  ['okta', 'Okta'],
  ['hydra', 'Hydra'],
  ['spring', 'Spring Authorization Server'],
  ['zitadel', 'Zitadel'],
];

it.each(names)('the dialect %s comes with the profile of %s, pointing at the server', async (dialect, name) => {
  await using server = await TestAuthorizationServer.start({ dialect, signingAlg: 'ES256' });
  const { issuer, tokenEndpoint, jwksUri } = server;
  expect(server.authorizationServer).toMatchObject({ name, issuer, tokenEndpoint, jwksUri });
  const urls = JSON.stringify(server.authorizationServer).match(/https?:[^"]+/g) ?? [];
  expect(urls.filter((url) => !url.startsWith(server.url))).toEqual([]);
});
