import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { M2MTokenVerifier } from '../../lib/resource-server/m2m-token-verifier.js';
import { platforms, startGuardedApp, type GuardedApp } from '../support/guarded-app.js';
import type { ConformanceRequest, World } from './conformance-request.js';
import { guardedApi } from './guarded-api.js';
import { issuersOf, startWorld } from './world.js';
import { wrongAnswers } from './wrong-answers.js';
import { HOSTILE, VALID } from './groups.js';

describe('the guarded API', () => {
  let world: World & AsyncDisposable;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  it.each([
    ['hostile', HOSTILE, 450],
    ['valid', VALID, 80],
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

    it.each(HOSTILE)('refuses %s', async (_name, make) => {
      expect(await wrongAnswers(api.url, make(world), platform)).toEqual([]);
    });

    it.each(VALID)('lets in %s', async (_name, make) => {
      expect(await wrongAnswers(api.url, make(world), platform)).toEqual([]);
    });

    it.each([...HOSTILE, ...VALID])('answers %s in middleware as the guard does', async (_name, make) => {
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
