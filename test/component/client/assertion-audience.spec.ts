import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { authorizationServerFromIssuer } from '../../../lib/authorization-servers/from-issuer.js';
import { hydra } from '../../../lib/authorization-servers/hydra.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import { asking } from '../../support/client-token-manager.js';
import { json } from '../../support/http-server.js';
import { ScriptedTokenEndpoint, tokenResponse } from '../../support/scripted-token-endpoint.js';

const endpoint = new ScriptedTokenEndpoint();
const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** The assertion of a token request to a server whose metadata names an endpoint as glewlwyd writes it. */
async function assertionAt(server: AuthorizationServer, audience?: string) {
  endpoint.answer = ({ method }, response) =>
    method === 'POST'
      ? json(response, 200, tokenResponse('token'))
      : json(response, 200, { issuer: endpoint.url, token_endpoint: `${endpoint.url}//token` });
  const clientAuthentication = privateKeyJwt({ key, alg: 'ES256', ...(audience !== undefined && { audience }) });
  const { manager } = endpoint.manager({
    authorizationServer: server,
    clientAuthentication,
    clientSecret: undefined,
  });
  await manager.getAccessToken(asking({ scope: 'read' }));
  return decodeJwt(new URLSearchParams(endpoint.request().body).get('client_assertion') ?? '');
}

describe('the audience of a client assertion', () => {
  it.each<[string, () => AuthorizationServer, string | undefined, () => string]>([
    ['the issuer', () => oidc({ issuer: endpoint.url }), undefined, () => endpoint.url],
    [
      'the discovered token endpoint, letter by letter, if the client says so',
      () => oidc({ issuer: endpoint.url }),
      'token-endpoint',
      () => `${endpoint.url}//token`,
    ],
    [
      'the discovered token endpoint if the server says so',
      () => ({ ...oidc({ issuer: endpoint.url }), assertionAudience: 'token-endpoint' }),
      undefined,
      () => `${endpoint.url}//token`,
    ],
    [
      'the token endpoint of Hydra',
      () => hydra({ issuer: `${endpoint.url}/` }),
      undefined,
      () => `${endpoint.url}/oauth2/token`,
    ],
    [
      'the public token endpoint of Hydra, at whatever address it is reached',
      () => ({ ...hydra({ issuer: 'https://hydra.example.com/' }), tokenEndpoint: `${endpoint.url}/token` }),
      undefined,
      () => 'https://hydra.example.com/oauth2/token',
    ],
    [
      'the discovered token endpoint of an Okta in development',
      () => authorizationServerFromIssuer('okta', endpoint.url),
      undefined,
      () => `${endpoint.url}//token`,
    ],
  ])('is %s', async (_name, server, audience, expected) => {
    expect((await assertionAt(server(), audience)).aud).toBe(expected());
  });

  it('goes with times that a server whose clock is 8 s behind accepts', async () => {
    const { iat = 0, exp = 0 } = await assertionAt(oidc({ issuer: endpoint.url }));
    const behind = Date.now() / 1000 - 8;
    expect(iat).toBeLessThanOrEqual(behind);
    expect(exp - iat).toBe(60);
    expect(exp).toBeGreaterThan(Date.now() / 1000 + 40);
  });
});
