import { describe, expect, it } from '@jest/globals';
import { noParameters, tokenParameters } from '../../../lib/options/token-parameters.js';
import type { M2MTokenOptions } from '../../../lib/options/client-options.js';
import { problemsOf } from '../../support/problems-of.js';
import { servers, type ServerName } from '../../support/authorization-servers.js';

function ask(name: ServerName, options: M2MTokenOptions): unknown {
  return servers[name].tokenParameters?.(tokenParameters(noParameters, options));
}

const api = 'https://shop-api';

describe('a token request', () => {
  it.each<[ServerName, M2MTokenOptions, Record<string, unknown>]>([
    ['oidc', {}, {}],
    ['oidc', { scope: 'write read read' }, { scope: 'read write' }],
    ['oidc', { resource: api, scope: ['read'] }, { resource: api, scope: 'read' }],
    ['oidc', { resource: [api, 'https://a'], audience: api }, { resource: ['https://a', api], audience: api }],
    ['oidc', { parameters: { tenant: 'acme' }, scope: 'read' }, { tenant: 'acme', scope: 'read' }],
    ['auth0', { audience: api }, { audience: api }],
    ['auth0', { audience: api, scope: 'read' }, { audience: api, scope: 'read' }],
    ['auth0', { audience: api, organization: 'org_1' }, { audience: api, organization: 'org_1' }],
    ['cognito', {}, {}],
    ['cognito', { scope: `${api}/read ${api}/write` }, { scope: `${api}/read ${api}/write` }],
    [
      'cognito',
      { scope: 'shop/read', parameters: { aws_client_metadata: { tenant: 'acme' } } },
      { scope: 'shop/read', aws_client_metadata: { tenant: 'acme' } },
    ],
    ['logto', { resource: api, scope: 'read' }, { resource: api, scope: 'read' }],
    ['logto', { resource: `${api}/` }, { resource: `${api}/` }],
    ['logto', { organization: 'org1', scope: 'read' }, { organization_id: 'org1', scope: 'read' }],
    ['logto', { resource: api, organization: 'org1' }, { resource: api, organization_id: 'org1' }],
    ['simpleIdServer', { scope: 'read' }, { scope: 'read' }],
    ['simpleIdServer', { scope: 'read', resource: 'shop' }, { scope: 'read', resource: 'shop' }],
    ['keycloak', {}, {}],
    ['keycloak', { scope: 'shop' }, { scope: 'shop' }],
    ['entraId', { scope: `api://shop/.default` }, { scope: 'api://shop/.default' }],
    ['okta', { scope: 'products.read' }, { scope: 'products.read' }],
    ['hydra', { audience: `${api} https://a`, scope: 'read' }, { audience: `${api} https://a`, scope: 'read' }],
    ['spring', { scope: 'read' }, { scope: 'read' }],
    [
      'zitadel',
      { scope: 'openid urn:zitadel:iam:org:project:id:1:aud' },
      { scope: 'openid urn:zitadel:iam:org:project:id:1:aud' },
    ],
  ])('to %s with %j becomes %j', (name, options, wire) => {
    expect(ask(name, options)).toEqual(wire);
  });

  it.each<[ServerName, M2MTokenOptions, string, string]>([
    ['oidc', { organization: 'acme' }, 'organization', "parameters: { organization: 'acme' }"],
    ['auth0', { resource: api }, 'resource', "audience: 'https://shop-api'"],
    ['cognito', { audience: api }, 'audience', "scope: 'https://shop-api/read'"],
    ['cognito', { resource: api }, 'resource', "scope: 'https://shop-api/read'"],
    [
      'cognito',
      { organization: 'acme' },
      'organization',
      "parameters: { aws_client_metadata: { organization: 'acme' } }",
    ],
    ['logto', { audience: api }, 'audience', "resource: 'https://shop-api'"],
    ['logto', { audience: api, organization: 'acme' }, 'audience', "resource: 'https://shop-api'"],
    ['logto', { resource: [api, 'https://a'] }, 'resource', "resource: 'https://a'"],
    ['simpleIdServer', { audience: api, scope: 'read' }, 'audience', "scope: 'read:products'"],
    ['simpleIdServer', { audience: api }, 'audience', "scope: 'read:products'"],
    ['simpleIdServer', { organization: 'acme', scope: 'read' }, 'organization', "realm: 'acme'"],
    ['keycloak', { audience: api }, 'audience', `audience mapper for ${api}`],
    ['keycloak', { resource: api }, 'resource', `audience mapper for ${api}`],
    ['keycloak', { organization: 'acme' }, 'organization', 'mapper for acme'],
    ['entraId', { audience: 'api://shop' }, 'audience', "scope: 'api://shop/.default'"],
    ['entraId', { resource: 'api://shop' }, 'resource', "scope: 'api://shop/.default'"],
    [
      'entraId',
      { organization: 'acme', scope: 'api://shop/.default' },
      'organization',
      "entraId({ tenantId: 'acme' })",
    ],
    ['entraId', { scope: 'read' }, 'scope', "scope: 'api://shop-api/.default'"],
    ['entraId', { scope: 'api://a/.default api://b/.default' }, 'scope', "scope: 'api://shop-api/.default'"],
    ['okta', { audience: api, scope: 'read' }, 'audience', 'authorizationServerId'],
    ['okta', { resource: api }, 'resource', 'authorizationServerId'],
    ['okta', { organization: 'acme', scope: 'read' }, 'organization', 'okta({ domain'],
    ['hydra', { resource: [api, 'https://a'] }, 'resource', "audience: 'https://a https://shop-api'"],
    ['hydra', { organization: 'acme' }, 'organization', "parameters: { organization: 'acme' }"],
    ['zitadel', { audience: '1' }, 'audience', "scope: 'openid urn:zitadel:iam:org:project:id:1:aud'"],
    ['zitadel', { resource: '1', scope: 'openid' }, 'resource', "scope: 'openid urn:zitadel:iam:org:project:id:1:aud'"],
    ['zitadel', { organization: 'acme', scope: 'openid' }, 'organization', 'urn:zitadel:iam:org:project:id'],
    ['zitadel', { scope: 'urn:a' }, 'scope', "scope: 'openid urn:a'"],
  ])('to %s with %j is refused at %s', (name, options, option, remedy) => {
    const problems = problemsOf(() => ask(name, options));
    expect(problems).toMatchObject([{ option, remedy: expect.stringContaining(remedy) }]);
  });

  it.each<[ServerName, M2MTokenOptions, string, string]>([
    ['auth0', {}, 'audience', "audience: 'https://shop-api'"],
    ['auth0', { scope: 'read' }, 'audience', "audience: 'https://shop-api'"],
    ['logto', {}, 'resource', "resource: 'https://shop-api'\nor organization: 'ORGANIZATION-ID'"],
    ['logto', { scope: 'read' }, 'resource', "resource: 'https://shop-api'\nor organization: 'ORGANIZATION-ID'"],
    ['simpleIdServer', {}, 'scope', "scope: 'read:products'"],
    ['simpleIdServer', { resource: 'shop', scope: '' }, 'scope', "scope: 'read:products'"],
    ['entraId', {}, 'scope', "scope: 'api://shop-api/.default'"],
    ['okta', {}, 'scope', "scope: 'products.read'"],
    ['zitadel', {}, 'scope', "scope: 'openid urn:zitadel:iam:org:project:id:PROJECT-ID:aud'"],
  ])('to %s with %j lacks %s', (name, options, option, remedy) => {
    expect(problemsOf(() => ask(name, options))).toMatchObject([
      { option, problem: expect.stringContaining('is missing'), remedy, kind: 'missing' },
    ]);
  });

  it('is refused with every field that the server does not know, at once', () => {
    const problems = problemsOf(() => ask('cognito', { audience: 'a', resource: 'b', organization: 'c' }));
    expect(problems.map(({ option }) => option)).toEqual(['audience', 'resource', 'organization']);
    expect(problems[0]?.problem).toBe("is 'a', but Cognito has no such field");
  });

  it.each(Object.keys(servers) as ServerName[])('to %s leaves what it was given as it is', (name) => {
    const asked = tokenParameters(noParameters, {
      audience: name === 'auth0' ? api : undefined,
      resource: name === 'logto' ? api : undefined,
      scope: name === 'entraId' ? 'a/.default' : 'openid',
      parameters: { scope: 'admin', nested: { a: 1 } },
    });
    const before = structuredClone(asked);
    const wire = servers[name].tokenParameters?.(asked);
    expect(asked).toEqual(before);
    expect(wire).toMatchObject({ scope: asked.scope.join(' '), nested: { a: 1 } });
  });
});
