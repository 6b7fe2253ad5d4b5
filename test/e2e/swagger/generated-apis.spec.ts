import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VersioningType } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { M2MGuard } from '../../../lib/index.js';
import { platforms, startGuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';
import { compare, operationsOf, tokens, type Credentials } from './compared-answers.js';
import { documentOf, providers } from './documented-api.js';
import { generateControllers, SCOPES } from './generated-controllers.js';

const SETS = [[], ...SCOPES.map((each) => [each]), ['a', 'b'], ['a', 'c'], ['b', 'c'], [...SCOPES]];

describe.each(platforms)('the document of generated APIs on %s', (platform) => {
  let issuer: TestIssuer;
  let all: readonly Credentials[];

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    const others: Credentials[] = [{ headers: {} }, { headers: { 'x-user': 'ada' }, scheme: 'user' }];
    all = [...others, ...(await tokens(issuer, 'm2m', [testAudience], SETS))];
  });
  afterAll(() => issuer[Symbol.asyncDispose]());

  it.each([
    [1, 'guards of their own', true],
    [2, 'one guard for all', false],
  ])('says what the guard does, with seed %i and %s', async (seed, _, isGuarded) => {
    const { authorizationServer } = issuer;
    await using api = await startGuardedApp({
      options: { authorizationServer, resourceServer: { audience: testAudience } },
      platform,
      controllers: generateControllers(seed, 40, isGuarded),
      providers: [...providers, ...(isGuarded ? [] : [{ provide: APP_GUARD, useExisting: M2MGuard }])],
      configure: (app) => {
        app.setGlobalPrefix('api/:region', { exclude: ['c1/*', 'c2/*', 'c3/*'] });
        app.enableVersioning({ type: VersioningType.URI, defaultVersion: '3' });
      },
    });
    const document = documentOf(api.app);
    const operations = operationsOf(document);
    expect(operations.length).toBeGreaterThanOrEqual(40);
    const compared = await compare(api.url, operations, all);
    expect(compared.filter(({ isLetIn, isDocumented }) => isLetIn !== isDocumented)).toEqual([]);
    expect(compared.filter(({ isLetIn }) => isLetIn).length).toBeGreaterThan(100);
    expect(compared.filter(({ isLetIn }) => !isLetIn).length).toBeGreaterThan(100);
    expect(api.log.filter(({ text }) => text.includes('OpenAPI'))).toEqual([]);
  });
});
