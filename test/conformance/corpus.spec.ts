import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { M2MTokenVerifier } from '../../lib/resource-server/m2m-token-verifier.js';
import { platforms, startGuardedApp, type GuardedApp } from '../support/guarded-app.js';
import type { ConformanceRequest, Group, World } from './conformance-request.js';
import { guardedApi } from './guarded-api.js';
import { foreignAudiences, foreignCallers, foreignOrganizations, insufficientScopes } from './hostile-callers.js';
import {
  malformedCredentials,
  otherCredentials,
  repeatedCredentials,
  tokensWithMembers,
} from './hostile-credentials.js';
import {
  forgedSignatures,
  hostileClaims,
  hostileHeaders,
  hostileNumbers,
  misshapenTokens,
  reflectedText,
} from './hostile-tokens.js';
import { machinesAmongUsers, machinesAndUsers } from './machines-and-users.js';
import { badOptionalTokens, optionalTokens } from './optional-tokens.js';
import { longestTokens, oversizedTokens } from './oversized-tokens.js';
import { unavailableKeys } from './unavailable-keys.js';
import { publicRoutes, requiredAudiences, validCallers, validCredentials, validTokens } from './valid-requests.js';
import { issuersOf, startWorld } from './world.js';
import { wrongAnswers } from './wrong-answers.js';

const hostile: readonly (readonly [string, Group])[] = [
  ['malformed credentials (claim 3.1)', malformedCredentials],
  ['other credentials', otherCredentials],
  ['repeated credentials (claim 3.1)', repeatedCredentials],
  ['tokens with members', tokensWithMembers],
  ['headers of tokens (claim 3.3)', hostileHeaders],
  ['signatures (claim 3.2)', forgedSignatures],
  ['shapes of tokens (claim 3.4)', misshapenTokens],
  ['sizes of tokens (claim 3.1)', oversizedTokens],
  ['claims (claim 3.5)', hostileClaims],
  ['numbers (claim 3.5)', hostileNumbers],
  ['text that must not be reflected (claim 4.6)', reflectedText],
  ['scopes (claim 4.3)', insufficientScopes],
  ['callers (claim 4.1)', foreignCallers],
  ['organizations', foreignOrganizations],
  ['audiences (claim 4.8)', foreignAudiences],
  ['what comes for an optional token (claim 4.7)', badOptionalTokens],
  ['machines among users (claim 4.2)', machinesAmongUsers],
  ['tokens whose keys cannot be had (claim 3.9)', unavailableKeys],
];
const valid: readonly (readonly [string, Group])[] = [
  ['credentials', validCredentials],
  ['tokens', validTokens],
  ['tokens as long as they may be', longestTokens],
  ['callers', validCallers],
  ['machines and users', machinesAndUsers],
  ['audiences', requiredAudiences],
  ['optional tokens', optionalTokens],
  ['public routes', publicRoutes],
];

describe('the guarded API', () => {
  let world: World & AsyncDisposable;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  it.each([
    ['hostile', hostile, 450],
    ['valid', valid, 80],
  ] as const)('holds enough %s requests, no two of one name', (_kind, groups, least) => {
    const names = groups.flatMap(([group, make]) => make(world).map(({ name }) => `${group}: ${name}`));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(least);
    expect(groups.flatMap(([, make]) => make(world)).flatMap(inMiddleware).length).toBeGreaterThan(least / 2);
  });

  describe.each(platforms)('on %s', (platform) => {
    let api: GuardedApp;
    /** Of every refusal: the log shows one of a kind in a minute. */
    const messages: string[] = [];
    beforeAll(async () => {
      api = await startGuardedApp({ platform, ...guardedApi(issuersOf(world)) });
      api.app.get(M2MTokenVerifier).events$.subscribe((event) => {
        if ('error' in event) messages.push(event.error.message);
      });
    });
    afterAll(async () => {
      await api.app.close();
    });

    it.each(hostile)('refuses %s', async (_name, make) => {
      expect(await wrongAnswers(api.url, make(world), platform)).toEqual([]);
    });

    it.each(valid)('lets in %s', async (_name, make) => {
      expect(await wrongAnswers(api.url, make(world), platform)).toEqual([]);
    });

    it.each([...hostile, ...valid])('answers %s in middleware as the guard does', async (_name, make) => {
      // On Fastify middleware runs before bodies are parsed: a token in a form is not seen.
      const seen = make(world).filter(({ body = '' }) => platform === 'express' || body === '');
      expect(await wrongAnswers(api.url, seen.flatMap(inMiddleware), platform)).toEqual([]);
    });

    it('has put no token into the log, and into no message', () => {
      const log = [...api.log.map(({ text }) => text), ...messages].join('\n');
      expect(log).toMatch(/the token expired \d+ min ago/);
      expect(messages.length).toBeGreaterThan(300);
      expect(log).not.toMatch(/eyJ[\w-]+\./);
      expect(log).not.toMatch(/[^\n\x20-\x7e]/);
    });
  });
});

/** A request for a handler without conditions, as one for the route that only middleware stands before. */
function inMiddleware(request: ConformanceRequest): ConformanceRequest[] {
  const { requestLine = 'GET /products' } = request;
  const checked = requestLine.replace(/^([A-Z]+) \/products\b/, '$1 /checked');
  return checked === requestLine ? [] : [{ ...request, requestLine: checked }];
}
