import { describe, expect, it } from '@jest/globals';
import { metadataUrls } from '../../../lib/authorization-servers/discovery.js';

const OIDC = '/.well-known/openid-configuration';
const OAUTH = '/.well-known/oauth-authorization-server';

describe('metadataUrls', () => {
  it.each([
    ['https://id.test', [`https://id.test${OIDC}`, `https://id.test${OAUTH}`]],
    ['https://id.test/', [`https://id.test${OIDC}`, `https://id.test${OAUTH}`]],
    [
      'https://id.test/a/b',
      [`https://id.test/a/b${OIDC}`, `https://id.test${OAUTH}/a/b`, `https://id.test/a/b${OAUTH}`],
    ],
    ['https://id.test/a/', [`https://id.test/a${OIDC}`, `https://id.test${OAUTH}/a`, `https://id.test/a${OAUTH}`]],
  ])('of %s: OpenID Connect first, then RFC 8414', (value, urls) => {
    expect(metadataUrls(value)).toEqual(urls);
  });
});
