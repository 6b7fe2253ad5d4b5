import { describe, expect, it } from '@jest/globals';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';
import { describeScheme, securitySchemes, withScopes } from '../../../lib/swagger/security-scheme.js';

const issuer = 'https://id.test/tenant';
const wellKnown = 'https://id.test/tenant/.well-known/openid-configuration';

function schemes(resourceServer: Partial<M2MResourceServerOptions>, insecureOrigins: readonly string[] = []) {
  const audience = 'https://api.test';
  const options = { audience, ...resourceServer } as M2MResourceServerOptions;
  const resolved = resolveOptions({ resourceServer: options, insecureOrigins }).resourceServer;
  if (!resolved) throw new Error('no resource server');
  return securitySchemes(resolved).map((each) => [each.name, describeScheme(each, ['read', 'write'], insecureOrigins)]);
}

function scheme(authorizationServer: AuthorizationServer, insecureOrigins?: readonly string[]): unknown {
  return schemes({ authorizationServer }, insecureOrigins)[0]?.[1];
}

describe('the security scheme of an issuer', () => {
  it('is client credentials at the token endpoint of the options, with the scopes that are needed', () => {
    expect(scheme({ issuer, tokenEndpoint: 'https://token.test/token' })).toEqual({
      type: 'oauth2',
      description: 'An access token of https://id.test/tenant by client credentials (RFC 6749, section 4.4).',
      flows: { clientCredentials: { tokenUrl: 'https://token.test/token', scopes: { read: '', write: '' } } },
    });
  });

  it('is its metadata if the token endpoint would be discovered', () => {
    expect(scheme(oidc({ issuer }))).toMatchObject({ type: 'openIdConnect', openIdConnectUrl: wellKnown });
  });

  it('is the metadataUrl of the options if that is on the origin of the issuer', () => {
    const metadataUrl = 'https://id.test/metadata';
    expect(scheme({ issuer, metadataUrl })).toMatchObject({ openIdConnectUrl: metadataUrl });
  });

  it('names no place that only this service reaches (claim 4.14)', () => {
    const realm = keycloak({ url: 'https://sso.test', realm: 'acme', internalUrl: 'http://keycloak:8080' });
    const openIdConnectUrl = 'https://sso.test/realms/acme/.well-known/openid-configuration';
    expect(scheme(realm, ['http://keycloak:8080'])).toMatchObject({ type: 'openIdConnect', openIdConnectUrl });
    const inside = { issuer, tokenEndpoint: 'https://id.internal/token', metadataUrl: 'https://id.internal/metadata' };
    expect(scheme(inside)).toMatchObject({ type: 'openIdConnect', openIdConnectUrl: wellKnown });
    const insecure = { issuer, tokenEndpoint: 'http://id:8080/token' };
    expect(scheme(insecure, ['http://id:8080'])).toMatchObject({ type: 'openIdConnect', openIdConnectUrl: wellKnown });
  });

  it('names a plain HTTP endpoint if the issuer is there, too', () => {
    const tokenEndpoint = 'http://keycloak:8080/token';
    expect(scheme({ issuer: 'http://keycloak:8080', tokenEndpoint }, ['http://keycloak:8080'])).toMatchObject({
      flows: { clientCredentials: { tokenUrl: tokenEndpoint } },
    });
  });

  it('has no query, which may hold a secret', () => {
    const server = {
      issuer,
      tokenEndpoint: 'https://id.test/token?key=s3cret',
      metadataUrl: 'https://id.test/m?key=s',
    };
    expect(scheme(server)).toMatchObject({ type: 'openIdConnect', openIdConnectUrl: wellKnown });
  });
});

describe('a security scheme that the document has already', () => {
  const tokenUrl = 'https://login.test/token';

  it('gets the scopes that its flow for client credentials lacks, in a copy', () => {
    const implicit = { authorizationUrl: tokenUrl, scopes: {} };
    const clientCredentials = { tokenUrl, scopes: { read: 'Reads' } };
    const own = { type: 'oauth2', flows: { implicit, clientCredentials } } as const;
    expect(withScopes(own, ['read', 'write'])).toEqual({
      type: 'oauth2',
      flows: { implicit, clientCredentials: { tokenUrl, scopes: { read: 'Reads', write: '' } } },
    });
    expect(own.flows.clientCredentials.scopes).toEqual({ read: 'Reads' });
  });

  it('stays as it is without such a flow', () => {
    const flows = { implicit: { authorizationUrl: tokenUrl, scopes: {} } };
    for (const own of [{ $ref: '#/x' }, { type: 'http', scheme: 'bearer' }, { type: 'oauth2', flows }] as const) {
      expect(withScopes(own, ['read'])).toEqual(own);
    }
  });

  it.each([
    [{ type: 'http', scheme: 'bearer' }, false],
    [{ type: 'oauth2', flows: {} }, true],
    [{ type: 'openIdConnect', openIdConnectUrl: wellKnown }, true],
    [{ $ref: '#/components/securitySchemes/other' }, true],
  ] as const)('%j has scopes in requirements: %p', (own, hasScopes) => {
    const { resourceServer } = resolveOptions({
      resourceServer: { authorizationServer: oidc({ issuer }), audience: 'a' },
    });
    if (!resourceServer) throw new Error('no resource server');
    expect(securitySchemes(resourceServer, { m2m: own })).toMatchObject([{ name: 'm2m', hasScopes }]);
  });
});

describe('the security schemes of an API', () => {
  it('are one for each issuer of the options', () => {
    const trust = [{ authorizationServer: oidc({ issuer: 'https://partner.test' }), audience: 'a', scopes: [] }];
    expect(schemes({ authorizationServer: oidc({ issuer }), trust }).map(([name]) => name)).toEqual(['m2m', 'm2m-2']);
  });

  it('are a bearer token without a name for all issuers that a function finds (claim 4.14)', () => {
    const trust = [{ resolve: () => undefined }];
    expect(schemes({ authorizationServer: oidc({ issuer }), trust })).toMatchObject([
      ['m2m', { type: 'openIdConnect' }],
      ['m2m-2', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }],
    ]);
  });
});
