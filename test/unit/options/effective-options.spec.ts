import { generateKeyPairSync } from 'node:crypto';
import { Agent } from 'node:https';
import { describe, expect, it } from '@jest/globals';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import { quotedList } from '../../../lib/events/log-text.js';
import { AUTHORIZATION_SERVER_FIELDS } from '../../../lib/options/authorization-server-fields.js';
import { CLIENT_FIELDS, NAMED_CLIENT_FIELDS } from '../../../lib/options/client-fields.js';
import { effectiveOptions } from '../../../lib/options/effective-options.js';
import { HTTP_FIELDS } from '../../../lib/options/http-fields.js';
import { INTROSPECTION_FIELDS } from '../../../lib/options/introspection-fields.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { optionsFromEnvironment } from '../../../lib/options/options-from-environment.js';
import { RESOURCE_METADATA_FIELDS } from '../../../lib/options/resource-metadata-field.js';
import { MODULE_FIELDS, resolveOptions } from '../../../lib/options/resolve-options.js';
import {
  ISSUER_FIELDS,
  RESOLVER_FIELDS,
  RESOURCE_SERVER_FIELDS,
  TRUSTED_ISSUER_FIELDS,
  VERIFICATION_FIELDS,
} from '../../../lib/options/resource-server-fields.js';
import { TARGET_FIELDS } from '../../../lib/options/target-fields.js';
import type { Fields } from '../../../lib/validation/fields.js';

const SECRET = 's3cret-of-the-test';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

type Given = Record<string, unknown>;

/** The lines of options, with the table of each, and how its options stand in those of the module. */
const SECTIONS: readonly (readonly [line: string, fields: Fields, place: (section: Given) => Given])[] = [
  ['authorizationServer', AUTHORIZATION_SERVER_FIELDS, (authorizationServer) => ({ authorizationServer })],
  ['client', NAMED_CLIENT_FIELDS, (client) => ({ client })],
  ['client.targets.shop', TARGET_FIELDS, (shop) => ({ client: { targets: { shop } } })],
  ['client.clients.billing', NAMED_CLIENT_FIELDS, (billing) => ({ client: { clients: { billing } } })],
  ['resourceServer', { ...ISSUER_FIELDS, ...VERIFICATION_FIELDS }, (resourceServer) => ({ resourceServer })],
  ['resourceServer.trust[0]', TRUSTED_ISSUER_FIELDS, (trusted) => ({ resourceServer: { trust: [trusted] } })],
  ['http', HTTP_FIELDS, (http) => ({ http })],
];

const NESTED: Readonly<Record<string, Fields>> = {
  authorizationServer: AUTHORIZATION_SERVER_FIELDS,
  introspection: INTROSPECTION_FIELDS,
  resourceMetadata: RESOURCE_METADATA_FIELDS,
};

/** Options whose texts can be no secret. All others may be one, or an object of somebody else. */
const SHOWN = new Set(
  [
    'name issuer acceptedIssuers metadataUrl tokenEndpoint jwksUri introspectionEndpoint assertionAudience requestFormat',
    'tokenExchange absentScope clientId audience resource scope organization warmup verifyScope url client token usableBy',
    'rejectedWhen encodedSlashes actor requestedTokenType subjectTokenType when allowedClients allowedOrganizations callers',
    'algorithms tokenType realm documentation scopes unguarded tenant',
  ].flatMap((names) => names.split(' ')),
);

/** The paths of all options of a table, with their defaults. */
function optionsOf(fields: Fields, path: readonly string[] = []): [path: readonly string[], fallback: unknown][] {
  return Object.entries(fields).flatMap(([name, { default: fallback }]): [readonly string[], unknown][] => {
    const here = [...path, name];
    const nested = NESTED[name];
    if (nested) return [[here, undefined], ...optionsOf(nested, here)];
    const isSection = typeof fallback === 'object' && fallback !== null && !Array.isArray(fallback);
    if (!isSection) return [[here, fallback]];
    return Object.entries(fallback).map(([member, value]) => [[...here, member], value]);
  });
}

/** A default as it is shown. One that is a function is not: it is the standard. */
function shownDefault(fallback: unknown): string | undefined {
  if (fallback === undefined || typeof fallback === 'function') return undefined;
  if (Array.isArray(fallback)) return `${quotedList(fallback as string[])} (default)`;
  return `${fallback === Infinity ? 'Infinity' : JSON.stringify(fallback)} (default)`;
}

function findsNothing(): undefined {}

function nest(path: readonly string[], value: unknown): Given {
  return path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Given;
}

const ALL = SECTIONS.flatMap(([line, fields, place]) =>
  optionsOf(fields).map(([path, fallback]) => ({ line, name: path.join('.'), path, fallback, place })),
);

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
    expect(server).toMatch(
      /^authorizationServer: name "OpenID Connect" \(option\), issuer "https:\/\/id\.example\.com" \(option\), /,
    );
    expect(server).toContain(', requestFormat "form" (default), ');
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

  it.each(ALL)(
    'show $name of $line, where it came from, and its text only if that can be no secret (claim 2.8)',
    (option) => {
      const { line, name, path, fallback, place } = option;
      const shownOf = (value: unknown, environment: Given = {}): string | undefined => {
        const found = effectiveOptions(place(nest(path, value)), environment);
        const own = found.find((each) => each.startsWith(`${line}: `))?.slice(`${line}: `.length) ?? '';
        return own
          .split(/(?<=\)), /)
          .find((part) => part.startsWith(`${name} `))
          ?.slice(name.length + 1);
      };
      const isHidden = !SHOWN.has(path.slice(-1).join());
      const environment = line.includes('trust') ? 'option' : 'environment';
      const text = isHidden ? '[set]' : `"${SECRET}"`;
      expect(shownOf(SECRET)).toBe(`${text} (option)`);
      expect(shownOf(SECRET, place(nest(path, SECRET)))).toBe(`${text} (${environment})`);
      expect(shownOf(SECRET, place(nest(path, 'another')))).toBe(`${text} (option)`);
      expect(shownOf([SECRET])).toBe(`${isHidden ? '[set]' : `["${SECRET}"]`} (option)`);
      expect([shownOf(7), shownOf(false), shownOf(null)]).toEqual(['7 (option)', 'false (option)', 'null (option)']);
      expect([shownOf(() => SECRET), shownOf(new Map([[SECRET, SECRET]]))]).toEqual([
        '[set] (option)',
        '[set] (option)',
      ]);
      expect(shownOf(undefined)).toEqual(shownDefault(fallback));
    },
  );

  it('have a line for the origins that may be plain HTTP', () => {
    const insecureOrigins = ['http://keycloak:8080'];
    const lines = [effectiveOptions({ insecureOrigins }), effectiveOptions({ insecureOrigins }, { insecureOrigins })];
    const shown = 'insecureOrigins: insecureOrigins ["http://keycloak:8080"]';
    expect(lines).toEqual([[`${shown} (option)`], [`${shown} (environment)`]]);
  });

  it('are those of every table of options', () => {
    expect(Object.keys(MODULE_FIELDS)).toEqual([
      'authorizationServer',
      'client',
      'resourceServer',
      'http',
      'insecureOrigins',
    ]);
    expect(Object.keys(CLIENT_FIELDS)).toEqual([...Object.keys(NAMED_CLIENT_FIELDS), 'targets', 'clients']);
    const ofResourceServer = Object.keys({ ...ISSUER_FIELDS, ...VERIFICATION_FIELDS, trust: undefined });
    expect(Object.keys(RESOURCE_SERVER_FIELDS).toSorted()).toEqual(ofResourceServer.toSorted());
    expect(Object.keys(RESOLVER_FIELDS)).toEqual(['resolve', 'allowedHosts']);
  });

  it('of functions that find clients and issuers are no defaults of what they find', () => {
    const resolve = findsNothing;
    const hosts = ['id.internal'];
    const lines = [{ clients: resolve }, { clients: { resolve, allowedHosts: hosts } }].map(
      (client) => effectiveOptions({ client })[1],
    );
    const found = 'resolve [set] (option), allowedHosts ["id.internal"] (option)';
    expect(lines).toEqual([
      'client.clients: resolve [set] (option), allowedHosts [] (default)',
      `client.clients: ${found}`,
    ]);
    const trust = [{ resolve, allowedHosts: hosts }];
    expect(effectiveOptions({ resourceServer: { trust } })[1]).toBe(`resourceServer.trust[0]: ${found}`);
  });

  it('show the method of client authentication, and nothing else of it', () => {
    const options = { client: { clientAuthentication: privateKeyJwt({ key: privateKey, alg: 'ES256', kid: SECRET }) } };
    const [line] = effectiveOptions(options);
    expect(line).toContain('clientAuthentication.method "private_key_jwt" (option), ');
    expect(line).not.toContain(SECRET);
  });

  it('say that 401s count for nothing at a target that gets the tokens of callers', () => {
    const targets = { shop: { url: 'https://shop.example.com', token: 'relay' as const } };
    expect(effectiveOptions({ client: { targets } })[1]).toContain('rejectedWhen "never" (default)');
  });

  it('hold no user information, query or fragment of a URL, and texts that are none whole', () => {
    const audience = ['https://me:pw@api.example.com/v1?key=1#2', 'urn:api?key=1'];
    const targets = { ['a\nb']: { url: 'https://shop.example.com', scope: 'read?all#1' } };
    const lines = effectiveOptions({ client: { targets }, resourceServer: { audience } });
    expect(lines[1]).toMatch(/^client\.targets\.a\\u000ab: scope "read\?all#1" \(option\), /);
    expect(lines[2]).toContain('audience ["https://api.example.com/v1", "urn:api"] (option)');
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
