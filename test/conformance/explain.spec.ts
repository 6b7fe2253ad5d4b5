import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { explainToken } from '../../lib/cli/explain/explain-token.js';
import type { M2MModuleOptions } from '../../lib/index.js';
import { answers, type ConformanceRequest, type World } from './conformance-request.js';
import { HOSTILE, VALID } from './groups.js';
import { guardedApi } from './guarded-api.js';
import { issuersOf, startWorld } from './world.js';

/** The handlers of the API that `explain` can describe, with the scopes that they need. */
const SCOPES: ReadonlyMap<string, readonly string[]> = new Map([
  ['GET /products', []],
  ['GET /read', ['read:products']],
  ['GET /write', ['read:products', 'write:products']],
]);

describe('nestjs-m2m explain', () => {
  let world: World & AsyncDisposable;
  let options: M2MModuleOptions;
  beforeAll(async () => {
    world = await startWorld();
    ({ options } = guardedApi(issuersOf(world)));
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  it('finds enough tokens among the requests', () => {
    const requests = [...HOSTILE, ...VALID].flatMap(([, make]) => make(world).flatMap(explainable));
    expect(requests.length).toBeGreaterThan(300);
  });

  it.each([...HOSTILE, ...VALID])('decides %s as the guard does, and finds a broken rule', async (_name, make) => {
    for (const { name, token, scopes, status } of make(world).flatMap(explainable)) {
      const { refusal, checks } = await explainToken(token, { options, provider: 'oidc', scopes });
      const isAnyWrong = checks.some(({ result }) => result === 'wrong');
      expect({ name, status: refusal?.status ?? 200, isAnyWrong }).toEqual({
        name,
        status,
        isAnyWrong: status !== 200,
      });
    }
  });
});

interface Explainable {
  readonly name: string;
  readonly token: string;
  readonly scopes: readonly string[];
  readonly status: number;
}

/** Requests whose only credentials are one Bearer token. */
function explainable({
  name,
  answer,
  requestLine = 'GET /products',
  headers,
  body,
}: ConformanceRequest): Explainable[] {
  const scopes = SCOPES.get(requestLine);
  const [, token] = /^authorization: bearer ([\w.~+/=-]+)$/i.exec(headers[0] ?? '') ?? [];
  if (!scopes || token === undefined || headers.length > 1 || body !== undefined) return [];
  if (typeof answer !== 'string') return [];
  return [{ name, token, scopes, status: answers[answer].status }];
}
