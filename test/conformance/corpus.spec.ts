import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { platforms, startGuardedApp, type GuardedApp } from '../support/guarded-app.js';
import { TestIssuer, testAudience } from '../support/issuer.js';
import { sendRaw } from '../support/raw-request.js';
import { answers, type Group, type World } from './conformance-request.js';
import { guardedApi } from './guarded-api.js';
import { foreignCallers, insufficientScopes } from './hostile-callers.js';
import { malformedCredentials, otherCredentials, repeatedCredentials } from './hostile-credentials.js';
import {
  forgedSignatures,
  hostileClaims,
  hostileHeaders,
  hostileNumbers,
  misshapenTokens,
  reflectedText,
} from './hostile-tokens.js';
import { publicRoutes, validCallers, validCredentials, validTokens } from './valid-requests.js';

const hostile: readonly (readonly [string, Group])[] = [
  ['malformed credentials', malformedCredentials],
  ['other credentials', otherCredentials],
  ['repeated credentials', repeatedCredentials],
  ['headers of tokens', hostileHeaders],
  ['signatures', forgedSignatures],
  ['shapes of tokens', misshapenTokens],
  ['claims', hostileClaims],
  ['numbers', hostileNumbers],
  ['text that must not be reflected', reflectedText],
  ['scopes', insufficientScopes],
  ['callers', foreignCallers],
];
const valid: readonly (readonly [string, Group])[] = [
  ['credentials', validCredentials],
  ['tokens', validTokens],
  ['callers', validCallers],
  ['public routes', publicRoutes],
];
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

let world: World;
beforeAll(async () => {
  const [issuer, partner, elsewhere] = await Promise.all([TestIssuer.start(), TestIssuer.start(), TestIssuer.start()]);
  const keys = await Promise.all(algorithms.map((alg) => issuer.key(alg)));
  const [rsa, partnerKey, stranger] = await Promise.all([issuer.key(), partner.key(), elsewhere.key()]);
  world = { issuer, partner, keys, rsa, partnerKey, stranger, good: issuer.mintWith(rsa) };
  await elsewhere.stop();
});
afterAll(async () => {
  await Promise.all([world.issuer.stop(), world.partner.stop()]);
});

it.each([
  ['hostile', hostile, 300],
  ['valid', valid, 60],
] as const)('holds enough %s requests, no two of one name', (_kind, groups, least) => {
  const names = groups.flatMap(([group, make]) => make(world).map(({ name }) => `${group}: ${name}`));
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  expect(names.length).toBeGreaterThanOrEqual(least);
});

describe.each(platforms)('on %s', (platform) => {
  let guarded: GuardedApp;
  beforeAll(async () => {
    const { issuer, partner } = world;
    const trusted = { authorizationServer: partner.authorizationServer, audience: testAudience };
    guarded = await startGuardedApp({
      platform,
      options: {
        authorizationServer: issuer.authorizationServer,
        resourceServer: {
          audience: testAudience,
          realm: 'api',
          maxTokenAge: 3_600_000,
          trust: [{ ...trusted, scopes: ['read:products'] }],
        },
      },
      controllers: guardedApi(partner.issuer),
    });
  });
  afterAll(() => guarded.app.close());

  /** What the requests of a group were answered, where it is not what they must be. */
  async function wrongAnswers(make: Group): Promise<object[]> {
    const wrong: object[] = [];
    for (const { name, answer, requestLine = 'GET /products', headers, body } of make(world)) {
      const got = await sendRaw(guarded.url, [`${requestLine} HTTP/1.1`, ...headers], body);
      const seen = { status: got.status, challenge: got.headers['www-authenticate'] };
      const { status, challenge } = answers[answer];
      if (seen.status !== status || seen.challenge !== challenge) wrong.push({ name, expected: answer, ...seen });
      if (status !== 200 && !isConstant(got.body, requestLine)) wrong.push({ name, body: got.body });
      if ('set-cookie' in got.headers) wrong.push({ name, headers: got.headers });
    }
    return wrong;
  }

  it.each(hostile)('refuses %s', async (_name, make) => {
    expect(await wrongAnswers(make)).toEqual([]);
  });

  it.each(valid)('lets in %s', async (_name, make) => {
    expect(await wrongAnswers(make)).toEqual([]);
  });

  it('has put no token into the log', () => {
    const log = guarded.log.map(({ text }) => text).join('\n');
    expect(log).not.toMatch(/eyJ[\w-]+\./);
    expect(log).not.toMatch(/[^\n\x20-\x7e]/);
  });
});

/** A refusal's body has the members of Nest's exceptions, and one of our few sentences. */
function isConstant(body: string, requestLine: string): boolean {
  if (requestLine.startsWith('HEAD')) return body === '';
  const { statusCode, message, error, ...rest } = JSON.parse(body) as Record<string, unknown>;
  return (
    Object.keys(rest).length === 0 &&
    typeof statusCode === 'number' &&
    typeof error === 'string' &&
    messages.has(String(message))
  );
}

const messages = new Set([
  'an access token is needed',
  'one access token is needed, in one Authorization header',
  'the access token is not valid here',
  'the access token lacks a scope that is needed here',
  'this caller is not allowed',
]);
