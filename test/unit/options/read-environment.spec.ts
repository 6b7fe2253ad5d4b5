import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { ClientAssertion } from '../../../lib/client-authentication/client-assertion.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { readEnvironment } from '../../../lib/options/read-environment.js';

const folder = mkdtempSync(join(tmpdir(), 'm2m-'));
const secretFile = join(folder, 'secret');
const emptyFile = join(folder, 'empty');
writeFileSync(secretFile, 'from-the-file\n');
writeFileSync(emptyFile, '\n');
afterAll(() => rmSync(folder, { recursive: true }));

const issuer = { M2M_ISSUER: 'https://id.example.com', M2M_PROVIDER: 'oidc' };
const caller = { ...issuer, M2M_CLIENT_ID: 'orders', M2M_CLIENT_SECRET: 'top-secret' };
const api = { ...issuer, M2M_API_AUDIENCE: 'https://products' };

function wrong(environment: Record<string, string>): string[] {
  try {
    readEnvironment(environment);
  } catch (error) {
    if (error instanceof M2MConfigurationError) return error.problems.map(({ option }) => option);
    throw error;
  }
  return [];
}

describe('readEnvironment', () => {
  it('reads a caller', () => {
    const { options } = readEnvironment({
      ...caller,
      M2M_RESOURCE: 'https://a https://b',
      M2M_SCOPE: 'read:products  write:products',
      M2M_ORGANIZATION: '',
      M2M_TARGET_SHOP_EU_URL: 'https://shop.example.com',
      M2M_TARGET_SHOP_EU_SCOPE: 'read:shop',
      PATH: '/bin',
    });
    expect(options.resourceServer).toBeUndefined();
    expect(options.client).toMatchObject({
      clientId: 'orders',
      resource: ['https://a', 'https://b'],
      scope: ['read:products', 'write:products'],
      organization: undefined,
      targets: { 'shop-eu': { url: 'https://shop.example.com', scope: ['read:shop'] } },
    });
  });

  it.each([
    ['M2M_TOKEN_ENDPOINT', 'https://evil.example.com/token'],
    ['M2M_AUDIENCE', 'https://evil.example.com'],
    ['M2M_CLIENT_AUTHENTICATION', 'client_secret_post'],
    ['M2M_PRIVATE_KEY_FILE', secretFile],
    ['M2M_PROVIDER', 'spring'],
  ])('reads nothing that a polluted Object.prototype holds: %s (claim 6.2)', (name, value) => {
    const { M2M_PROVIDER: _, ...unnamed } = caller;
    const expected = inspect(readEnvironment(unnamed), { depth: 9 });
    Object.assign(Object.prototype, { [name]: value });
    try {
      expect(inspect(readEnvironment(unnamed), { depth: 9 })).toBe(expected);
    } finally {
      Reflect.deleteProperty(Object.prototype, name);
    }
  });

  it('reads the organization of a target', () => {
    const { options } = readEnvironment({
      ...caller,
      M2M_PROVIDER: 'auth0',
      M2M_ISSUER: 'https://acme.eu.auth0.com/',
      M2M_AUDIENCE: 'https://shop-api',
      M2M_TARGET_SHOP_URL: 'https://shop.example.com',
      M2M_TARGET_SHOP_ORGANIZATION: 'org_1',
    });
    expect(options.client).toMatchObject({ organization: undefined, targets: { shop: { organization: 'org_1' } } });
  });

  it('reads an API', () => {
    const { options } = readEnvironment({ ...api, M2M_API_CLIENTS: 'orders, billing', M2M_API_CALLERS: 'any' });
    const allowedClients = ['orders', 'billing'];
    expect(options.client).toBeUndefined();
    expect(options.resourceServer).toEqual({ audience: ['https://products'], allowedClients, callers: 'any' });
  });

  it('takes the audience "none" for deliberately unchecked', () => {
    const { options } = readEnvironment({ ...api, M2M_API_AUDIENCE: 'none', M2M_API_CLIENTS: 'orders' });
    expect(options.resourceServer).toEqual({ audience: null, allowedClients: ['orders'] });
  });

  it.each([
    [{}, undefined, 'openid connect'],
    [{ M2M_PROVIDER: 'keycloak', M2M_ISSUER: 'https://id.example.com/realms/main' }, undefined, 'keycloak'],
    [
      { M2M_PROVIDER: '', M2M_ISSUER: 'https://acme.eu.auth0.com/' },
      /auth0.*https:\/\/acme\.eu\.auth0\.com\//,
      'auth0',
    ],
  ])('takes %j for the right server', (more, guess, name) => {
    const found = readEnvironment({ ...api, ...more });
    expect(found.options.authorizationServer?.name?.toLowerCase()).toContain(name);
    expect(found.guess ?? '').toMatch(guess ?? /^$/);
  });

  it('reads the secret from its file each time it is asked', async () => {
    const { options } = readEnvironment({
      ...caller,
      M2M_CLIENT_SECRET: '',
      M2M_CLIENT_SECRET_FILE: secretFile,
    });
    const secret = options.client?.clientSecret as () => string;
    expect(secret()).toBe('from-the-file');
    writeFileSync(secretFile, 'rotated');
    expect(secret()).toBe('rotated');
  });

  it.each([
    ['client_secret_basic', { method: 'client_secret_basic', encoding: 'form' }],
    ['client_secret_post', { method: 'client_secret_post' }],
    ['client_secret_jwt', { method: 'client_secret_jwt' }],
  ])('reads the method %s', (method, clientAuthentication) => {
    const keycloak = { M2M_ISSUER: 'https://id.example.com/realms/main', M2M_PROVIDER: 'keycloak' };
    const { options } = readEnvironment({ ...caller, ...keycloak, M2M_CLIENT_AUTHENTICATION: method });
    const own = options.authorizationServer?.clientAuthentication;
    expect({ clientAuthentication: own, ...options.client }).toMatchObject({
      clientAuthentication,
      clientSecret: expect.any(Function),
    });
  });

  it('leaves a method as the product has it, and a public client without a secret', () => {
    const cognito = {
      ...caller,
      M2M_PROVIDER: 'cognito',
      M2M_ISSUER: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
      M2M_CLIENT_AUTHENTICATION: 'client_secret_basic',
    };
    expect(readEnvironment(cognito).options.client?.clientAuthentication).toBeUndefined();
    const { options } = readEnvironment({ ...caller, M2M_CLIENT_SECRET: '', M2M_CLIENT_AUTHENTICATION: 'none' });
    expect(options.client).toMatchObject({ clientAuthentication: { method: 'none' } });
    expect(options.client?.clientSecret).toBeUndefined();
  });

  it('reads a private key from its file', () => {
    const file = join(folder, 'key.pem');
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const signing = { ...caller, M2M_CLIENT_SECRET: '', M2M_PRIVATE_KEY_FILE: file };
    for (const method of ['', 'private_key_jwt']) {
      const { options } = readEnvironment({ ...signing, M2M_CLIENT_AUTHENTICATION: method });
      expect(options.client?.clientAuthentication).toMatchObject({ method: 'private_key_jwt', alg: 'EdDSA' });
      expect(options.client?.clientSecret).toBeUndefined();
    }
  });

  it('reads an assertion from its file each time it is asked', async () => {
    const file = join(folder, 'assertion');
    writeFileSync(file, 'first\n');
    const { options } = readEnvironment({ ...caller, M2M_CLIENT_SECRET: '', M2M_CLIENT_ASSERTION_FILE: file });
    const assertion = (): unknown => (options.client?.clientAuthentication as ClientAssertion | undefined)?.assertion();
    expect(await assertion()).toBe('first');
    writeFileSync(file, 'second\n');
    expect(await assertion()).toBe('second');
  });

  it('shows the secret to nothing that prints', () => {
    const found = readEnvironment(caller);
    expect(inspect(found, { depth: null, showHidden: true }) + JSON.stringify(found)).not.toContain('top-secret');
    const secret = found.options.client?.clientSecret as () => string;
    expect(secret()).toBe('top-secret');
  });

  it.each<[string, Record<string, string>, string[]]>([
    ['nothing', {}, ['M2M_ISSUER', 'M2M_CLIENT_ID']],
    ['an issuer only', issuer, ['M2M_CLIENT_ID']],
    ['an issuer that is no URL', { ...api, M2M_ISSUER: 'id' }, ['M2M_ISSUER']],
    ['an issuer with a password', { ...api, M2M_ISSUER: 'https://me:top-secret@id.example.com' }, ['M2M_ISSUER']],
    ['an issuer that is the secret', { ...api, M2M_ISSUER: 'top-secret' }, ['M2M_ISSUER']],
    ['a value in quotes', { ...caller, M2M_CLIENT_SECRET: '"top-secret"' }, ['M2M_CLIENT_SECRET']],
    ['an issuer over HTTP', { ...api, M2M_ISSUER: 'http://id.example.com' }, ['M2M_ISSUER']],
    ['an unknown provider', { ...api, M2M_PROVIDER: 'acme' }, ['M2M_PROVIDER']],
    ['a misspelt variable', { ...api, M2M_API_CLIENT: 'orders' }, ['M2M_API_CLIENT']],
    ['a misspelt variable of a target', { ...api, M2M_TARGET_SHOP_SCOPES: 'a' }, ['M2M_TARGET_SHOP_SCOPES']],
    ['a secret without a client', { ...issuer, M2M_CLIENT_SECRET: 'x' }, ['M2M_CLIENT_ID']],
    ['a client without a secret', { ...issuer, M2M_CLIENT_ID: 'orders' }, ['M2M_CLIENT_SECRET']],
    ['a misspelt method', { ...caller, M2M_CLIENT_AUTHENTICATION: 'client_secret' }, ['M2M_CLIENT_AUTHENTICATION']],
    [
      'a secret in place of a method',
      { ...caller, M2M_CLIENT_AUTHENTICATION: 'top-secret' },
      ['M2M_CLIENT_AUTHENTICATION'],
    ],
    [
      'a secret in place of its file',
      { ...issuer, M2M_CLIENT_ID: 'a', M2M_CLIENT_SECRET_FILE: 'top-secret' },
      ['M2M_CLIENT_SECRET_FILE'],
    ],
    ['another kind of callers', { ...api, M2M_API_CALLERS: 'user' }, ['M2M_API_CALLERS']],
    ['two secrets', { ...caller, M2M_CLIENT_SECRET_FILE: secretFile }, ['M2M_CLIENT_SECRET']],
    [
      'a missing file',
      { ...caller, M2M_CLIENT_SECRET: '', M2M_CLIENT_SECRET_FILE: join(folder, 'no') },
      ['M2M_CLIENT_SECRET_FILE'],
    ],
    [
      'an empty file',
      { ...caller, M2M_CLIENT_SECRET: '', M2M_CLIENT_SECRET_FILE: emptyFile },
      ['M2M_CLIENT_SECRET_FILE'],
    ],
    ['a target without URL', { ...caller, M2M_TARGET_SHOP_SCOPE: 'a' }, ['M2M_TARGET_SHOP_URL']],
    ['a target over HTTP', { ...caller, M2M_TARGET_MY_SHOP_URL: 'http://shop.test' }, ['M2M_TARGET_MY_SHOP_URL']],
    ['a scope no scope may be', { ...caller, M2M_SCOPE: 'a"b' }, ['M2M_SCOPE']],
    ['clients without an audience', { ...issuer, M2M_API_CLIENTS: 'orders' }, ['M2M_API_AUDIENCE']],
    ['an issuer for everybody without clients', { ...api, M2M_ISSUER: 'https://gitlab.com' }, ['M2M_API_CLIENTS']],
    [
      'an issuer for everybody without an audience',
      { M2M_ISSUER: 'https://accounts.google.com', M2M_API_AUDIENCE: 'none', M2M_API_CLIENTS: 'orders' },
      ['M2M_API_AUDIENCE'],
    ],
    ['an unchecked audience without clients', { ...issuer, M2M_API_AUDIENCE: 'none' }, ['M2M_API_CLIENTS']],
  ])('refuses %s, in terms of the variables', (_, environment, option) => {
    expect(wrong(environment)).toEqual(option);
    expect(() => readEnvironment(environment)).not.toThrow('top-secret');
  });

  it('passes over what Kubernetes says of a Service whose name begins with m2m-', () => {
    const service = Object.fromEntries(
      ['SERVICE_HOST', 'SERVICE_PORT', 'SERVICE_PORT_HTTP', 'PORT', 'PORT_80_TCP', 'PORT_80_TCP_ADDR'].map((name) => [
        `M2M_GATEWAY_${name}`,
        '10.0.0.1',
      ]),
    );
    expect(readEnvironment({ ...api, ...service })).toEqual(readEnvironment(api));
  });

  it.each([
    ['M2M_CLIENTID', 'M2M_CLIENT_ID=...'],
    ['M2M_PRIVATE_KEY', 'M2M_PRIVATE_KEY_FILE=...'],
    ['M2M_TARGET_SHOP_ORGANISATION', 'M2M_TARGET_SHOP_ORGANIZATION=...'],
    ['M2M_TARGET_SHOP_SCOPES', 'M2M_TARGET_SHOP_SCOPE=...'],
    ['M2M_TARGET_shop_URL', 'M2M_TARGET_SHOP_URL=...'],
    ['M2M_REALM', 'one of M2M_ISSUER, '],
  ])('says which variable %s may mean', (name, remedy) => {
    expect(() => readEnvironment({ ...api, [name]: 'a' })).toThrow(`write: ${remedy}`);
  });

  it('says which target a variable of a target without URL may mean', () => {
    const environment = { ...caller, M2M_TARGET_SHOP_EU_URL: 'https://shop.test', M2M_TARGET_SHOPEU_SCOPE: 'a' };
    expect(() => readEnvironment(environment)).toThrow(
      /M2M_TARGET_SHOPEU_URL is missing\n *write: M2M_TARGET_SHOP_EU_SCOPE=\.\.\. # instead of M2M_TARGET_SHOPEU_SCOPE\n *or M2M_TARGET_SHOPEU_URL=https:/,
    );
    const { M2M_TARGET_SHOPEU_SCOPE: _, ...others } = environment;
    expect(() => readEnvironment({ ...others, M2M_TARGET_STOCK_SCOPE: 'a' })).toThrow(
      /M2M_TARGET_STOCK_URL is missing\n *write: M2M_TARGET_STOCK_URL=https:/,
    );
  });

  it('says which line to write', () => {
    expect(() => readEnvironment({ ...api, M2M_API_CLIENTS: ',' })).toThrow('M2M_API_CLIENTS=orders-service');
  });
});
