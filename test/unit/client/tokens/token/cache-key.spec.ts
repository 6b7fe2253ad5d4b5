import { describe, expect, it } from '@jest/globals';
import { authenticatorOf } from '../../../../../lib/client-authentication/client-authenticators.js';
import { clientSecretPost } from '../../../../../lib/client-authentication/client-secret-post.js';
import { oidc } from '../../../../../lib/authorization-servers/oidc.js';
import { cacheKey, clientKey } from '../../../../../lib/client/tokens/token/cache-key.js';
import { clientCredentials } from '../../../../../lib/client/tokens/grants/client-credentials.grant.js';
import type { M2MNamedClientOptions, M2MTokenOptions } from '../../../../../lib/options/client-options.js';
import { asking } from '../../../../support/client-token-manager.js';
import { resolvedClient } from '../../../../support/resolved-client.js';

const server = oidc({ issuer: 'https://id.example.com' });
const keyOf = (
  request: M2MTokenOptions,
  options: Partial<M2MNamedClientOptions> = {},
  grantType = 'client_credentials',
) => {
  const client = resolvedClient(options);
  const grant = { ...clientCredentials(resolvedClient().authorizationServer, asking(request)), grantType };
  return cacheKey(client, authenticatorOf(client.clientAuthentication), grant);
};
const base: M2MTokenOptions = { audience: 'a', scope: 'b c', parameters: { nested: { x: 1, y: [1, 2] } } };

describe('cacheKey', () => {
  it.each<[string, M2MTokenOptions, Partial<M2MNamedClientOptions>]>([
    ['the audience', { ...base, audience: 'b' }, {}],
    ['the scopes', { ...base, scope: 'b' }, {}],
    ['a resource', { ...base, resource: 'https://r.example.com' }, {}],
    ['a parameter', { ...base, parameters: { nested: { x: 1, y: [2, 1] } } }, {}],
    [
      'a list in place of an object',
      {
        ...base,
        parameters: {
          nested: [
            ['x', 1],
            ['y', [1, 2]],
          ],
        },
      },
      {},
    ],
    ['the client', base, { clientId: 'other' }],
    ['the issuer', base, { authorizationServer: oidc({ issuer: 'https://id.example.com/' }) }],
    ['the token endpoint', base, { authorizationServer: { ...server, tokenEndpoint: 'https://id.example.com/token' } }],
    ['how the client authenticates', base, { clientAuthentication: clientSecretPost() }],
  ])('differs by %s', (_name, request, options) => {
    expect(keyOf(request, options)).not.toBe(keyOf(base));
  });

  it.each<[string, M2MTokenOptions]>([
    ['the order of scopes and their repetition', { ...base, scope: ['c', 'b', 'c'] }],
    ['the order of members', { ...base, parameters: { nested: { y: [1, 2], x: 1 } } }],
    ['empty fields', { ...base, resource: [], parameters: { ...base.parameters, none: '', void: undefined } }],
  ])('does not differ by %s', (_name, request) => {
    expect(keyOf(request)).toBe(keyOf(base));
  });

  it('differs by the grant', () => {
    expect(keyOf(base, {}, 'refresh_token')).not.toBe(keyOf(base));
  });

  it('differs by the name of a client', () => {
    const client = resolvedClient();
    const authenticator = authenticatorOf(client.clientAuthentication);
    const keys = ['a', 'b', undefined].map((name) => clientKey({ ...client, name }, authenticator));
    expect(new Set(keys).size).toBe(3);
  });

  it('does not hold the secret', () => {
    expect(keyOf(base, { clientSecret: 'another' })).toBe(keyOf(base));
  });

  it('tells apart fields that a separator might blur', () => {
    expect(keyOf({ parameters: { a: 'b","c', d: 'e' } })).not.toBe(keyOf({ parameters: { a: 'b', c: 'd","e' } }));
  });
});
