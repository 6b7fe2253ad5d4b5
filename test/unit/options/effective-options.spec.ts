import { Agent } from 'node:https';
import { describe, expect, it } from '@jest/globals';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { effectiveOptions } from '../../../lib/options/effective-options.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { optionsFromEnvironment } from '../../../lib/options/options-from-environment.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

const SECRET = 's3cret-of-the-test';

describe('the effective options', () => {
  it('are those that were given and the defaults, each with where it came from', () => {
    const [server, client, target, resourceServer, ...others] = effectiveOptions({
      authorizationServer: oidc({ issuer: 'https://id.example.com' }),
      client: {
        clientId: 'orders',
        clientSecret: SECRET,
        timeout: 5000,
        renewal: { leeway: 1000 },
        targets: { shop: { url: 'https://shop.example.com', scope: ['read', 'write'] } },
      },
      resourceServer: { audience: 'https://orders-api', cache: false },
    });
    expect(server).toBe(
      'authorizationServer: name "OpenID Connect" (option), issuer "https://id.example.com" (option)',
    );
    expect(client).toMatch(/^client: clientId "orders" \(option\), clientSecret \[set\] \(option\), /);
    expect(client).toContain(', renewal.leeway 1000 (option), timeout 5000 (option), retry.attempts 3 (default), ');
    expect(target).toMatch(/^client\.targets\.shop: scope \["read", "write"\] \(option\), /);
    expect(target).toContain(', url "https://shop.example.com" (option), usableBy "its-client" (default), ');
    expect(resourceServer).toContain('audience "https://orders-api" (option), callers "machine" (default), ');
    expect(resourceServer).toContain('cache false (option), keySet.maxAge 600000 (default), ');
    expect(others).toEqual([]);
  });

  it('of the environment are told from others, also if they were spread', () => {
    const environment = optionsFromEnvironment({
      M2M_ISSUER: 'https://id.example.com',
      M2M_PROVIDER: 'oidc',
      M2M_CLIENT_ID: 'orders',
      M2M_CLIENT_SECRET: SECRET,
      M2M_API_AUDIENCE: 'https://orders-api',
    });
    const options = { ...environment, client: { ...environment.client, timeout: 5000 } } as M2MModuleOptions;
    const [server, client, resourceServer] = effectiveOptions(options, environment);
    expect(server).toContain('issuer "https://id.example.com" (environment)');
    expect(client).toContain(
      'clientId "orders" (environment), clientSecret [set] (environment), timeout 5000 (option)',
    );
    expect(resourceServer).toContain('audience ["https://orders-api"] (environment)');
  });

  it('hold no secret, wherever one stands (claim 2.8)', () => {
    const server = {
      ...keycloak({ url: 'https://sso.example.com', realm: 'acme' }),
      requestHeaders: () => ({ key: SECRET }),
    };
    const options: M2MModuleOptions = {
      authorizationServer: server,
      client: {
        clientId: 'orders',
        clientSecret: SECRET,
        parameters: { password: SECRET },
        targets: {
          shop: {
            url: 'https://shop.example.com',
            parameters: { key: SECRET },
            http: { proxy: { host: 'proxy', port: 3128, auth: { username: 'me', password: SECRET } } },
          },
        },
        clients: { billing: { clientId: 'billing', clientSecret: SECRET } },
      },
      resourceServer: {
        audience: 'orders',
        introspection: { clientId: 'orders', clientSecret: SECRET },
        trust: [
          {
            authorizationServer: oidc({ issuer: 'https://other.example.com' }),
            audience: 'orders',
            scopes: [],
            introspection: { clientId: 'orders', clientSecret: SECRET, tokenPrefix: 'other-' },
          },
        ],
      },
      http: {
        httpsAgent: new Agent({ passphrase: SECRET }),
        proxy: { host: 'proxy', port: 1, auth: { username: 'a', password: SECRET } },
      },
    };
    expect(() => resolveOptions(options)).not.toThrow();
    const lines = effectiveOptions(options);
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'authorizationServer',
      'client',
      'client.targets.shop',
      'client.clients.billing',
      'resourceServer',
      'resourceServer.trust[0]',
      'http',
    ]);
    expect(lines.join('\n')).not.toContain(SECRET);
    expect(lines.join('\n')).toContain('introspection.clientSecret [set] (option)');
  });
});
