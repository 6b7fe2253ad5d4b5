import { describe, expect, it } from '@jest/globals';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import type { M2MResourceMetadataOptions } from '../../../lib/options/resource-metadata-options.js';
import { problemsOf } from '../../support/problems-of.js';

const resolve = (resourceMetadata: object, rest: object = {}) =>
  resolveOptions({
    authorizationServer: { issuer: 'https://as.test' },
    resourceServer: { audience: 'api', resourceMetadata: resourceMetadata as M2MResourceMetadataOptions, ...rest },
  }).resourceServer?.resourceMetadata;

const optionsWrongIn = (resourceMetadata: object, rest?: object): string[] =>
  problemsOf(() => resolve(resourceMetadata, rest)).map(({ option }) => option);

describe('resourceMetadata', () => {
  it.each([
    ['https://api.test', 'https://api.test/.well-known/oauth-protected-resource'],
    ['https://api.test/', 'https://api.test/.well-known/oauth-protected-resource'],
    ['https://api.test/mcp', 'https://api.test/.well-known/oauth-protected-resource/mcp'],
    ['https://api.test:8443/svc1/mcp/', 'https://api.test:8443/.well-known/oauth-protected-resource/svc1/mcp/'],
    ['http://localhost:3000/mcp', 'http://localhost:3000/.well-known/oauth-protected-resource/mcp'],
  ])('of %s are at %s', (resource, url) => {
    const { pathname } = new URL(url);
    const rest = { name: undefined, documentation: undefined, scopes: undefined };
    expect(resolve({ resource })).toEqual({ resource, ...rest, url, path: pathname });
  });

  it.each([
    undefined,
    '',
    5,
    'products',
    '/mcp',
    'ftp://api.test',
    'HTTPS://api.test/mcp',
    'https://API.test/mcp',
    'https://api.test:443/mcp',
    'https://api.test/a/../mcp',
    'https://user:secret@api.test/mcp',
    'https://api.test/mcp?tenant=7',
    'https://api.test/mcp#top',
    'https://api.test/:tenant',
    'https://api.test/{a}',
    'https://api.test/*',
    'https://api.test/a//b',
    'https://api.test/%2e',
  ])('have no resource %p', (resource) => {
    const problems = problemsOf(() => resolve({ resource }));
    expect(problems.map(({ option }) => option)).toEqual(['resourceServer.resourceMetadata.resource']);
    expect(JSON.stringify(problems)).not.toContain('secret');
  });

  it('have no resource that nothing encrypts, but at insecureOrigins', () => {
    const resource = 'http://mcp:3000/mcp';
    expect(optionsWrongIn({ resource })).toEqual(['resourceServer.resourceMetadata.resource']);
    const authorizationServer = { issuer: 'https://as.test' };
    const resourceServer = { audience: 'api', resourceMetadata: { resource } };
    const options = { authorizationServer, resourceServer, insecureOrigins: ['http://mcp:3000'] };
    expect(resolveOptions(options).resourceServer?.resourceMetadata?.resource).toBe(resource);
  });

  it.each([
    [{ name: '' }, 'name'],
    [{ documentation: 'the wiki' }, 'documentation'],
    [{ documentation: 'javascript:alert(1)' }, 'documentation'],
    [{ scopes: 'some' }, 'scopes'],
    [{ scopes: [''] }, 'scopes'],
    [{ url: 'https://api.test' }, 'url'],
  ])('are wrong with %j', (members, name) => {
    const wrong = optionsWrongIn({ resource: 'https://api.test', ...members });
    expect(wrong).toEqual([`resourceServer.resourceMetadata.${name}`]);
  });

  it('keep a copy of the scopes', () => {
    const scopes = ['read'];
    const resolved = resolve({ resource: 'https://api.test', scopes });
    scopes.push('write');
    expect(resolved?.scopes).toEqual(['read']);
  });
});

describe('realm', () => {
  it.each(['resource_metadata=https://evil.test', 'api, Resource_Metadata = x'])(
    'is not %p: MCP clients would read an address of metadata in it (claim 5.10)',
    (realm) => {
      expect(optionsWrongIn({ resource: 'https://api.test' }, { realm })).toEqual(['resourceServer.realm']);
    },
  );
});
