import { describe, expect, it } from '@jest/globals';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { plainHttpWarnings } from '../../../lib/options/plain-http.js';
import { readEnvironment } from '../../../lib/options/read-environment.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { problemsOf } from '../../support/problems-of.js';

const KEYCLOAK = 'http://keycloak:8080';
const PRODUCTS = 'http://products:3000';

/** A caller in a compose file. */
function caller(more: Partial<M2MModuleOptions> = {}): M2MModuleOptions {
  return {
    authorizationServer: keycloak({ url: KEYCLOAK, realm: 'acme' }),
    client: { clientId: 'orders', clientSecret: 's3cret', targets: { products: { url: `${PRODUCTS}/api` } } },
    ...more,
  };
}

/** An API behind a public issuer, beside which the options name other URLs of it. */
function api(urls: Record<string, string>, insecureOrigins: readonly string[]): M2MModuleOptions {
  const authorizationServer = { ...oidc({ issuer: 'https://id.example.com' }), ...urls };
  return { authorizationServer, resourceServer: { audience: 'products' }, insecureOrigins };
}

describe('insecureOrigins (claim 1.1)', () => {
  it('lets plain HTTP URLs of the options have these origins', () => {
    const { client, insecureOrigins } = resolveOptions(caller({ insecureOrigins: [KEYCLOAK, PRODUCTS] }));
    expect(client?.targets[0]).toMatchObject({ origin: PRODUCTS, path: '/api' });
    expect(insecureOrigins).toEqual([KEYCLOAK, PRODUCTS]);
    expect(Object.isFrozen(insecureOrigins)).toBe(true);
  });

  it.each(['metadataUrl', 'tokenEndpoint', 'jwksUri', 'introspectionEndpoint'])('lets %s have one', (name) => {
    const url = { [name]: `${KEYCLOAK}/x` };
    expect(() => resolveOptions(api(url, [KEYCLOAK]))).not.toThrow();
    expect(problemsOf(() => resolveOptions(api(url, [])))).toMatchObject([
      { option: `resourceServer.authorizationServer.${name}` },
    ]);
  });

  it('is named in the remedy of each plain HTTP URL, as the line that allows all of them', () => {
    const line = `insecureOrigins: ['${KEYCLOAK}', '${PRODUCTS}'], if nobody else is on that network`;
    expect(problemsOf(() => resolveOptions(caller({ insecureOrigins: [KEYCLOAK] })))).toMatchObject([
      {
        option: 'client.targets.products.url',
        problem: 'is http://products:3000/api: anything but HTTPS is refused, except on loopback',
        remedy: `url: 'https://products:3000/api'\nor ${line}`,
      },
    ]);
    const otherPort = [KEYCLOAK, 'http://products'];
    expect(problemsOf(() => resolveOptions(caller({ insecureOrigins: otherPort })))).toMatchObject([
      { remedy: `url: 'https://products:3000/api'\nor ${line}` },
    ]);
    expect(problemsOf(() => resolveOptions(caller()))).toMatchObject([
      { option: 'client.authorizationServer.issuer', remedy: expect.stringContaining(line) as unknown },
      { option: 'client.targets.products.url' },
    ]);
  });

  it('is not named in the remedy for a public host', () => {
    const client = { ...caller().client, clientId: 'orders', targets: { shop: { url: 'http://shop.example/api' } } };
    const options = { authorizationServer: oidc({ issuer: 'https://id.example.com' }), client };
    expect(problemsOf(() => resolveOptions(options))).toMatchObject([{ remedy: "url: 'https://shop.example/api'" }]);
  });

  it.each([
    ['an https origin', 'https://keycloak:8443', 'which is encrypted'],
    ['a public host', 'http://id.example.com', 'which is on no private network'],
    ['a public address', 'http://8.8.8.8', 'which is on no private network'],
    ['a slash at the end', `${KEYCLOAK}/`, 'which is not written as an origin'],
    ['a path', `${KEYCLOAK}/realms/acme`, 'which is not written as an origin'],
    ['the default port', 'http://keycloak:80', 'which is not written as an origin'],
    ['upper case', 'http://Keycloak:8080', 'which is not written as an origin'],
    ['user information', 'http://u:s3cret@keycloak:8080', 'which is not written as an origin'],
    ['another way to write an address', 'http://10.1', 'which is not written as an origin'],
    ['no scheme', 'keycloak:8080', 'holds a text that is no origin'],
    ['another scheme', 'ws://keycloak:8080', 'holds a text that is no origin'],
    ['a number', 8080, 'holds a value that is 8080'],
    ['an origin that no URL has', 'http://other:8080', 'but no URL in the options has this origin'],
  ])('refuses %s', (_name, origin, problem) => {
    const problems = problemsOf(() =>
      resolveOptions(api({ jwksUri: `${PRODUCTS}/jwks` }, [PRODUCTS, origin as string])),
    );
    expect(problems).toMatchObject([
      { option: 'insecureOrigins', problem: expect.stringContaining(problem) as unknown },
    ]);
    expect(JSON.stringify(problems)).not.toContain('s3cret');
  });

  it('has one remedy for all that is wrong with it', () => {
    const others = ['http://other:8080', 'http://another:8080'];
    const kept = `insecureOrigins: ['${PRODUCTS}']`;
    expect(problemsOf(() => resolveOptions(api({ jwksUri: `${PRODUCTS}/jwks` }, [PRODUCTS, ...others])))).toMatchObject(
      [{ remedy: kept }, { remedy: kept }],
    );
    const misspelt = ['http://Keycloak:8080', 'https://id.example.com', `${PRODUCTS}/`, PRODUCTS];
    const corrected = `insecureOrigins: ['${KEYCLOAK}', '${PRODUCTS}']`;
    expect(problemsOf(() => resolveOptions(api({}, misspelt)))).toMatchObject([
      { problem: expect.stringContaining('http://Keycloak:8080') as unknown, remedy: corrected },
      { problem: expect.stringContaining('https://id.example.com') as unknown, remedy: corrected },
      { problem: expect.stringContaining(PRODUCTS) as unknown, remedy: corrected },
    ]);
  });

  it('refuses what is no list', () => {
    expect(
      problemsOf(() => resolveOptions({ ...api({}, []), insecureOrigins: KEYCLOAK as unknown as string[] })),
    ).toMatchObject([
      {
        option: 'insecureOrigins',
        problem: 'is a string, not a list of origins',
        remedy: `insecureOrigins: ['${KEYCLOAK}']`,
      },
    ]);
  });

  it('takes loopback, which needs none, without a warning', () => {
    const options = resolveOptions(api({ jwksUri: 'http://127.0.0.1:8080/jwks' }, ['http://127.0.0.1:8080']));
    expect(plainHttpWarnings(options)).toEqual([]);
  });

  it('says what each of them means', () => {
    const both = { ...caller(), resourceServer: { audience: 'orders' }, insecureOrigins: [KEYCLOAK, PRODUCTS] };
    expect(plainHttpWarnings(resolveOptions(both))).toEqual([
      `${KEYCLOAK} is not encrypted (insecureOrigins): everybody on this network can forge callers and can read credentials and can read tokens`,
      `${PRODUCTS} is not encrypted (insecureOrigins): everybody on this network can read tokens`,
    ]);
    expect(plainHttpWarnings(resolveOptions(api({ jwksUri: `${KEYCLOAK}/jwks` }, [KEYCLOAK])))).toEqual([
      `${KEYCLOAK} is not encrypted (insecureOrigins): everybody on this network can forge callers`,
    ]);
  });

  it('keeps the proxies of the environment from a target', () => {
    const { client } = resolveOptions(caller({ insecureOrigins: [KEYCLOAK, PRODUCTS] }));
    expect(client?.targets[0]?.http.proxy).toBe(false);
  });
});

describe('M2M_INSECURE_ORIGINS', () => {
  const environment = {
    M2M_ISSUER: `${KEYCLOAK}/realms/acme`,
    M2M_CLIENT_ID: 'orders',
    M2M_CLIENT_SECRET: 's3cret',
    M2M_API_AUDIENCE: 'orders',
    M2M_TARGET_PRODUCTS_URL: `${PRODUCTS}/api`,
  };

  it.each([`${KEYCLOAK},${PRODUCTS}`, `${KEYCLOAK}, ${PRODUCTS}`, `${KEYCLOAK} ${PRODUCTS}`])(
    'takes %s',
    (M2M_INSECURE_ORIGINS) => {
      const { options } = readEnvironment({ ...environment, M2M_INSECURE_ORIGINS });
      expect(options.insecureOrigins).toEqual([KEYCLOAK, PRODUCTS]);
    },
  );

  it('is named in the remedy, and each problem is said once', () => {
    const line = `or M2M_INSECURE_ORIGINS=${KEYCLOAK},${PRODUCTS} # if nobody else is on that network`;
    expect(problemsOf(() => readEnvironment(environment))).toMatchObject([
      { option: 'M2M_ISSUER', remedy: `M2M_ISSUER=https://keycloak:8080/realms/acme\n${line}` },
      { option: 'M2M_TARGET_PRODUCTS_URL', remedy: `M2M_TARGET_PRODUCTS_URL=https://products:3000/api\n${line}` },
    ]);
  });

  it.each([
    [`${KEYCLOAK},${PRODUCTS},http://other`, `M2M_INSECURE_ORIGINS=${KEYCLOAK},${PRODUCTS}`],
    [`${KEYCLOAK},http://products:3000/`, `M2M_INSECURE_ORIGINS=${KEYCLOAK},${PRODUCTS}`],
  ])('is corrected in its own terms: %s', (M2M_INSECURE_ORIGINS, remedy) => {
    const [problem] = problemsOf(() => readEnvironment({ ...environment, M2M_INSECURE_ORIGINS }));
    expect(problem).toMatchObject({ option: 'M2M_INSECURE_ORIGINS', remedy });
  });
});

describe('the endpoints of the environment', () => {
  const environment = {
    M2M_ISSUER: 'https://sso.example.com/realms/acme',
    M2M_CLIENT_ID: 'orders',
    M2M_CLIENT_SECRET: 's3cret',
    M2M_INSECURE_ORIGINS: KEYCLOAK,
  };

  it('are discovered at M2M_METADATA_URL', () => {
    const metadataUrl = `${KEYCLOAK}/realms/acme/.well-known/openid-configuration`;
    const { options } = readEnvironment({ ...environment, M2M_METADATA_URL: metadataUrl });
    const issuer = environment.M2M_ISSUER;
    expect(options.authorizationServer).toMatchObject({ name: 'Keycloak', issuer, metadataUrl });
    expect(options.authorizationServer?.tokenEndpoint).toBeUndefined();
  });

  it('may be M2M_TOKEN_ENDPOINT and M2M_JWKS_URI', () => {
    const endpoints = { M2M_TOKEN_ENDPOINT: `${KEYCLOAK}/token`, M2M_JWKS_URI: `${KEYCLOAK}/certs` };
    const { options } = readEnvironment({ ...environment, ...endpoints });
    expect(options.authorizationServer).toMatchObject({
      issuer: environment.M2M_ISSUER,
      tokenEndpoint: `${KEYCLOAK}/token`,
      jwksUri: `${KEYCLOAK}/certs`,
    });
  });

  it.each(['M2M_METADATA_URL', 'M2M_TOKEN_ENDPOINT', 'M2M_JWKS_URI'])('name %s if it is wrong', (name) => {
    const wrong = { ...environment, M2M_INSECURE_ORIGINS: '', [name]: 'http://id.example.com/x' };
    expect(problemsOf(() => readEnvironment(wrong))).toMatchObject([
      { option: name, remedy: `${name}=https://id.example.com/x` },
    ]);
  });
});
