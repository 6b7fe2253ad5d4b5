import { describe, expect, it } from '@jest/globals';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { resourceMetadataWarnings } from '../../../lib/options/resource-metadata-warnings.js';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';

const resource = 'https://api.test/mcp';
const authorizationServer = { issuer: 'https://id.test' };
const found = { resolve: () => undefined };

const warningsOf = (resourceServer: Partial<M2MResourceServerOptions>): string[] =>
  resourceMetadataWarnings(
    resolveOptions({
      resourceServer: { ...resourceServer, resourceMetadata: { resource } } as M2MResourceServerOptions,
    }),
  ).map(([id, line]) => `${id} ${line}`);

describe('the warnings about metadata of the resource', () => {
  it('are none for an issuer whose tokens are accepted for any audience', () => {
    expect(warningsOf({ authorizationServer, audience: null, allowedClients: ['agent'] })).toEqual([]);
  });

  it('name the audience of all issuers that a function finds', () => {
    expect(warningsOf({ audience: 'products', trust: [found] })).toEqual([
      expect.stringMatching(
        /^M2M-1003 resourceServer\.audience lacks .* audience: \['products', 'https:\/\/api\.test\/mcp'\]$/,
      ),
    ]);
    expect(warningsOf({ audience: resource, trust: [found] })).toEqual([]);
  });
});
