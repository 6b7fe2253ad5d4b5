import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { issuerExample, PROVIDER_NAMES } from '../../../lib/authorization-servers/from-issuer.js';
import { M2MConfigurationError, type ConfigurationProblem } from '../../../lib/errors/configuration.error.js';
import { isVariable, NAMES, TARGET_FIELDS, targetVariable } from '../../../lib/options/environment-variables.js';
import { readEnvironment } from '../../../lib/options/read-environment.js';

type Environment = Readonly<Record<string, string>>;

const folder = mkdtempSync(join(tmpdir(), 'm2m-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What no message may hold. */
const SECRETS = ['sEcReT-in-a-variable', 'sEcReT-in-a-file', 'sEcReT-assertion'];
const [secret = '', secretInFile = '', assertion = ''] = SECRETS;

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const pem = { type: 'pkcs8', format: 'pem' } as const;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = String(privateKey.export(pem));
const empty = file('empty', '\n');
const noKey = file('no-key', `-----BEGIN PRIVATE KEY-----\n${secretInFile}\n-----END PRIVATE KEY-----`);
const noJwk = file('no-jwk', `{ "kty": "RSA", "d": "${secretInFile}" `);
const weakKey = file('weak', String(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export(pem)));
const otherCurve = file('curve', String(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey.export(pem)));
const missing = join(folder, 'missing');
const directory = join(folder, 'directory');
mkdirSync(directory);

/** What a variable may well say. */
const RIGHT: Environment = {
  M2M_METADATA_URL: 'https://id.example.com/metadata',
  M2M_TOKEN_ENDPOINT: 'https://id.example.com/token',
  M2M_JWKS_URI: 'https://id.example.com/keys',
  M2M_CLIENT_ID: 'orders',
  M2M_CLIENT_AUTHENTICATION: 'client_secret_post',
  M2M_CLIENT_SECRET: secret,
  M2M_CLIENT_SECRET_FILE: file('secret', `${secretInFile}\n`),
  M2M_PRIVATE_KEY_FILE: file('key', `${key}\n`),
  M2M_CLIENT_ASSERTION_FILE: file('assertion', `${assertion}\n`),
  M2M_AUDIENCE: 'https://shop-api',
  M2M_RESOURCE: 'https://shop-api',
  M2M_SCOPE: 'read:products',
  M2M_ORGANIZATION: 'acme',
  M2M_API_AUDIENCE: 'https://my-api',
  M2M_API_CLIENTS: 'billing',
  M2M_API_CALLERS: 'machine',
  M2M_TARGET_SHOP_URL: 'https://shop.example.com/api',
};

const FILES = ['M2M_CLIENT_SECRET_FILE', 'M2M_PRIVATE_KEY_FILE', 'M2M_CLIENT_ASSERTION_FILE'];
const URLS = ['M2M_METADATA_URL', 'M2M_TOKEN_ENDPOINT', 'M2M_JWKS_URI', 'M2M_TARGET_SHOP_URL'];

/** What is wrong as the value of a variable. */
const WRONG: Readonly<Record<string, readonly string[]>> = {
  M2M_ISSUER: ['id', 'http://id.example.com', 'https://u:p@id.example.com', 'https://id.example.com/x?y', secret],
  M2M_PROVIDER: ['acme', 'key-cloak', secret],
  M2M_INSECURE_ORIGINS: [
    'keycloak:8080',
    'https://keycloak',
    'http://other',
    'http://id.example.com',
    'http://a/ http://b',
  ],
  M2M_CLIENT_AUTHENTICATION: ['basic', 'private_key', 'tls_client_auth', 'self_signed_tls_client_auth', 'none', secret],
  M2M_SCOPE: ['a"b'],
  M2M_API_AUDIENCE: ['none'],
  M2M_API_CLIENTS: [','],
  M2M_API_CALLERS: ['machines', 'user'],
  M2M_PRIVATE_KEY_FILE: [noKey, noJwk, weakKey, otherCurve, key],
  ...Object.fromEntries(
    URLS.map((name) => [name, ['shop', 'http://shop.example.com', 'http://shop:3000/x', 'ftp://x']]),
  ),
};

const targetFields = TARGET_FIELDS.map((field) => targetVariable('shop', field));
const variables = [...NAMES, ...targetFields];

/** A service that works with a product, and targets and API with it. */
function serviceWith(provider: string, more: Environment = {}): Environment {
  const base = { M2M_PROVIDER: provider, M2M_ISSUER: issuerExample(provider), M2M_CLIENT_ID: 'orders' };
  const needed = NEEDED[provider] ?? {};
  const target = { M2M_TARGET_SHOP_URL: 'https://shop.example.com/api', M2M_API_AUDIENCE: 'https://my-api' };
  return { ...base, M2M_CLIENT_SECRET: secret, ...needed, ...target, ...more };
}

/** What a token request of a product needs. */
const NEEDED: Readonly<Record<string, Environment>> = {
  auth0: { M2M_AUDIENCE: 'https://shop-api' },
  logto: { M2M_RESOURCE: 'https://shop-api' },
  'simple-id-server': { M2M_SCOPE: 'read' },
  'entra-id': { M2M_SCOPE: 'api://shop/.default' },
  okta: { M2M_SCOPE: 'read' },
  zitadel: { M2M_SCOPE: 'openid' },
};

function without(environment: Environment, ...names: readonly string[]): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)));
}

function problemsIn(environment: Environment): readonly ConfigurationProblem[] {
  try {
    readEnvironment(environment);
    return [];
  } catch (error) {
    if (!(error instanceof M2MConfigurationError)) throw error;
    if ([...SECRETS, key.split('\n')[1] ?? ''].some((each) => error.message.includes(each))) {
      throw new Error(`it shows a secret: ${error.message}`, { cause: error });
    }
    return error.problems;
  }
}

/** The lines of a remedy: variable, value, and the variable that they are in place of. */
function linesOf({ option, remedy }: ConfigurationProblem): [name: string, value: string, instead: string][] {
  return remedy.split('\n').flatMap((line) => {
    const match = /^(?:or )?(?<name>M2M_\w+)=(?<value>.*?)(?: # (?:instead of (?<instead>M2M_\w+)|.*))?$/.exec(line);
    const { name = '', value = '', instead = option } = match?.groups ?? {};
    return match ? [[name, value, instead]] : [];
  });
}

/** Writes a line of a remedy in place of the wrong one. */
function apply(environment: Environment, [name, value, instead]: [string, string, string]): Environment {
  const isPlaceholder = value === '...' || value.includes('/run/secrets/');
  const written = environment[instead]?.replaceAll(/^["']|["']$/g, '') ?? '';
  const isRenamed = value === '...' && name !== instead;
  return {
    ...without(environment, instead),
    [name]: isPlaceholder ? (isRenamed ? written : (RIGHT[name] ?? written)) : value,
  };
}

/** Checks each problem of an environment: every remedy names a variable, is another line, and helps. */
function checkRemedies(environment: Environment): number {
  const problems = problemsIn(environment);
  for (const problem of problems) {
    const { option } = problem;
    const context = JSON.stringify([without(environment, 'M2M_CLIENT_SECRET'), problem]);
    expect([context, isVariable(option) || Object.hasOwn(environment, option)]).toEqual([context, true]);
    const lines = linesOf(problem);
    expect([context, lines.length > 0]).toEqual([context, true]);
    for (const line of lines) {
      const [name, value] = line;
      expect([context, isVariable(name)]).toEqual([context, true]);
      expect([context, name, value]).not.toEqual([context, option, environment[option]]);
      const left = problemsIn(apply(environment, line)).map((each) => `${each.option} ${each.problem}`);
      expect([context, line, left]).not.toEqual([
        context,
        line,
        expect.arrayContaining([`${option} ${problem.problem}`]),
      ]);
    }
  }
  return problems.length;
}

describe('the remedies of problems with the environment', () => {
  it.each(PROVIDER_NAMES)('are not needed for a service that works with %s', (provider) => {
    expect(problemsIn(serviceWith(provider))).toEqual([]);
  });

  describe.each(PROVIDER_NAMES)('with %s', (provider) => {
    it('help if a variable is missing', () => {
      const service = serviceWith(provider);
      const found = Object.keys(service).map((name) => checkRemedies(without(service, name)));
      expect(found.filter((count) => count > 0).length).toBeGreaterThanOrEqual(3);
      expect(checkRemedies({ M2M_PROVIDER: provider, M2M_ISSUER: issuerExample(provider) })).toBe(1);
    });

    it('help if a variable is wrong', () => {
      for (const [name, values] of Object.entries(WRONG)) {
        const found = values.map((value) =>
          checkRemedies(serviceWith(provider, { ...neededFor(name), [name]: value })),
        );
        expect([name, found.some((count) => count > 0)]).toEqual([name, true]);
      }
    });

    it('help if a variable is too much, or the product does not know it', () => {
      const found = variables.map((name) => {
        const value = RIGHT[name] ?? RIGHT[name.replace('TARGET_SHOP_', '')] ?? '';
        return checkRemedies(serviceWith(provider, value === '' ? {} : { [name]: value }));
      });
      expect(found.some((count) => count > 0)).toBe(true);
    });

    it('help if a value is in quotes, or a name is misspelt', () => {
      const service = serviceWith(provider);
      for (const [name, value] of Object.entries(service)) {
        expect(checkRemedies({ ...service, [name]: `"${value}"` })).toBeGreaterThan(0);
        expect(checkRemedies({ ...without(service, name), [name.replace(/.$/, 'X')]: value })).toBeGreaterThan(0);
      }
    });
  });

  it.each(FILES)('help if %s names no file that can be used', (name) => {
    const service = without(serviceWith('oidc'), 'M2M_CLIENT_SECRET');
    for (const value of [missing, empty, directory, 'sEcReT-in-a-variable', `${folder}/no/folder`]) {
      expect([value, checkRemedies({ ...service, [name]: value })]).toEqual([value, 1]);
    }
    expect(problemsIn({ ...service, [name]: RIGHT[name]! })).toEqual([]);
  });

  it('help if there are several credentials', () => {
    for (const one of ['M2M_CLIENT_SECRET', ...FILES]) {
      for (const other of ['M2M_CLIENT_SECRET', ...FILES].filter((name) => name !== one)) {
        const service = without(serviceWith('oidc'), 'M2M_CLIENT_SECRET');
        expect(checkRemedies({ ...service, [one]: RIGHT[one]!, [other]: RIGHT[other]! })).toBe(1);
      }
    }
  });

  it.each([
    'client_secret_basic',
    'client_secret_post',
    'client_secret_jwt',
    'private_key_jwt',
    'client_assertion',
    'none',
  ])('help if the credentials do not fit M2M_CLIENT_AUTHENTICATION=%s', (method) => {
    const service = { ...without(serviceWith('oidc'), 'M2M_CLIENT_SECRET'), M2M_CLIENT_AUTHENTICATION: method };
    const credentials = ['M2M_CLIENT_SECRET', ...FILES];
    const fitting = credentials.filter((name) => checkRemedies({ ...service, [name]: RIGHT[name]! }) === 0);
    const expected = {
      private_key_jwt: ['M2M_PRIVATE_KEY_FILE'],
      client_assertion: ['M2M_CLIENT_ASSERTION_FILE'],
      none: [],
    };
    const secrets = ['M2M_CLIENT_SECRET', 'M2M_CLIENT_SECRET_FILE'];
    expect(fitting).toEqual(expected[method as 'none'] ?? secrets);
    expect(checkRemedies(service)).toBe(method === 'none' ? 0 : 1);
  });

  it('help for an issuer of which anybody can get a token', () => {
    const service = { M2M_ISSUER: 'https://gitlab.com', M2M_PROVIDER: 'oidc', M2M_API_AUDIENCE: 'none' };
    expect(checkRemedies(service)).toBe(2);
    expect(checkRemedies({ ...service, M2M_API_CLIENTS: 'orders' })).toBe(1);
  });

  it('help for two targets at one place', () => {
    expect(checkRemedies(serviceWith('oidc', { M2M_TARGET_STOCK_URL: RIGHT['M2M_TARGET_SHOP_URL']! }))).toBe(1);
  });

  it('name the field that the product has', () => {
    for (const prefix of ['M2M', 'M2M_TARGET_SHOP']) {
      expect(problemsIn(serviceWith('logto', { [`${prefix}_AUDIENCE`]: 'https://shop-api' }))).toEqual([
        {
          option: `${prefix}_AUDIENCE`,
          problem: "is 'https://shop-api', but Logto has no such field",
          remedy: `${prefix}_RESOURCE=https://shop-api`,
        },
      ]);
    }
  });
});

/** What is right beside a wrong value, so that it is read. */
function neededFor(name: string): Environment {
  return name === 'M2M_PRIVATE_KEY_FILE' ? { M2M_CLIENT_SECRET: '' } : {};
}
