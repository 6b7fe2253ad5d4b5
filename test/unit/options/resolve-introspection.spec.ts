import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { keycloak, privateKeyJwt } from '../../../lib/index.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { resolveFoundIssuer } from '../../../lib/options/resolve-trust.js';

const authorizationServer = { issuer: 'https://as.test' };
const other = { issuer: 'https://other.test' };
const asking = { clientId: 'products-api', clientSecret: 'a-secret' };

function resolved(introspection: object, rest: Partial<M2MModuleOptions> = {}) {
  const resourceServer = { audience: 'api', introspection } as M2MModuleOptions['resourceServer'];
  return resolveOptions({ authorizationServer, resourceServer, ...rest }).resourceServer?.primary?.introspection;
}

function withTrusted(introspection: object, ofTrusted: object) {
  const trusted = { authorizationServer: other, audience: 'api', scopes: [], introspection: ofTrusted };
  const resourceServer = { audience: 'api', introspection, trust: [trusted] } as M2MModuleOptions['resourceServer'];
  return () => resolveOptions({ authorizationServer, resourceServer });
}

describe('introspection', () => {
  it('has defaults, and hides its secret', () => {
    const options = resolved(asking);
    expect(options).toMatchObject({ when: 'opaque', ttl: 60_000, negativeTtl: 10_000, timeout: 5000, concurrency: 16 });
    expect(options?.clientAuthentication.method).toBe('client_secret_basic');
    expect(inspect(options, { depth: 9 }) + JSON.stringify(options)).not.toContain('a-secret');
  });

  it('authenticates as the factory of the authorization server says', () => {
    const server = keycloak({ url: 'https://sso.test', realm: 'acme' });
    expect(resolved(asking, { authorizationServer: server })?.clientAuthentication.method).toBe('client_secret_post');
  });

  it("never uses the client's own credentials (claim 1.21)", () => {
    const client = { clientId: 'orders', clientSecret: 'orders-secret' };
    expect(() => resolved({}, { client })).toThrow(/resourceServer\.introspection\.clientId/);
    expect(() => resolved({ clientId: 'orders' }, { client })).toThrow(/resourceServer\.introspection\.clientSecret/);
  });

  it.each([
    [{ when: 'jwt' }, 'when'],
    [{ ttl: 60 }, 'ttl'],
    [{ ttl: 0 }, 'ttl'],
    [{ negativeTtl: 10 }, 'negativeTtl'],
    [{ timeout: 0 }, 'timeout'],
    [{ concurrency: 1 }, 'concurrency'],
    [{ tokenPrefix: 'a b' }, 'tokenPrefix'],
    [{ tokenPrefix: '' }, 'tokenPrefix'],
    [{ clientAuthentication: { method: 'magic' } }, 'clientAuthentication'],
    [{ endpoint: 'https://as.test/introspect' }, 'endpoint'],
  ])('refuses %j', (wrong, option) => {
    expect(() => resolved({ ...asking, ...wrong })).toThrow(new RegExp(`resourceServer\\.introspection\\.${option}`));
  });

  it('refuses a secret beside a method that needs none', () => {
    const clientAuthentication = privateKeyJwt({ key: () => 'pem', alg: 'ES256' });
    expect(() => resolved({ ...asking, clientAuthentication })).toThrow(/clientSecret is given/);
  });

  it.each([
    [asking, asking],
    [
      { ...asking, tokenPrefix: 'at_' },
      { ...asking, tokenPrefix: 'at_2_' },
    ],
    [
      { ...asking, tokenPrefix: 'at_' },
      { ...asking, tokenPrefix: 'at_' },
    ],
  ])('stops the start if an opaque token could be of two issuers (claim 3.14)', (one, two) => {
    expect(withTrusted(one, two)).toThrow(/resourceServer\.trust\[0\]\.introspection\.tokenPrefix .*both issuers/);
  });

  it('lets one issuer be without a prefix', () => {
    expect(withTrusted(asking, { ...asking, tokenPrefix: 'at_' })).not.toThrow();
    expect(withTrusted({ ...asking, tokenPrefix: 'a_' }, { ...asking, tokenPrefix: 'b_' })).not.toThrow();
  });

  it('is refused where no authorization server stands beside trust, and in what trust.resolve answers', () => {
    const trust = [{ authorizationServer, audience: 'api', scopes: [] }];
    const resourceServer = { trust, introspection: asking } as unknown as M2MModuleOptions['resourceServer'];
    expect(() => resolveOptions({ resourceServer })).toThrow(/resourceServer\.introspection is for the tokens of/);
    const found = { authorizationServer, audience: 'api', scopes: [], introspection: asking };
    expect(() => resolveFoundIssuer(found)).toThrow(/resolve\(\)\.introspection is given/);
  });
});
