import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VersioningType, type INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';
import { addM2MSecurity } from '../../../lib/swagger/index.js';
import { platforms, startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';
import { compare, operationsOf, tokens, type Credentials } from './compared-answers.js';
import { adminAudience, audience, controllers, documentOf, providers } from './documented-api.js';

const SCOPES = [
  [],
  ['read'],
  ['write'],
  ['stock'],
  ['read', 'write'],
  ['read', 'price'],
  ['read', 'stock'],
  ['read', 'write', 'price'],
];

const ways: [name: string, configure: (app: INestApplication) => unknown][] = [
  ['at the root', () => undefined],
  [
    'below a prefix, with versions in the path',
    (app) => {
      app.setGlobalPrefix('api', { exclude: ['health'] });
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: ['1', '2'] });
    },
  ],
];

describe.each(platforms)('the document that addM2MSecurity completes on %s', (platform) => {
  describe.each(ways)('for an API %s', (_, configure) => {
    let primary: TestIssuer;
    let partner: TestIssuer;
    let api: GuardedApp;
    let document: OpenAPIObject;

    beforeAll(async () => {
      primary = await TestIssuer.start();
      partner = await TestIssuer.start();
      const authorizationServer = { ...primary.authorizationServer, tokenEndpoint: `${primary.issuer}/token` };
      const trust = [
        { authorizationServer: partner.authorizationServer, audience: testAudience, scopes: ['read', 'stock'] },
      ];
      const options = { authorizationServer, resourceServer: { audience, trust } };
      api = await startGuardedApp({ options, platform, controllers, providers, configure });
      document = documentOf(api.app);
    });
    afterAll(async () => {
      await api[Symbol.asyncDispose]();
      await primary[Symbol.asyncDispose]();
      await partner[Symbol.asyncDispose]();
    });

    it.each(['3.0.0', '3.1.0'])('is valid OpenAPI %s', async (openapi) => {
      const written = JSON.parse(JSON.stringify(documentOf(api.app, { openapi }))) as OpenAPIObject;
      // For @All() Nest lists the method SEARCH, which no version of OpenAPI knows.
      for (const item of Object.values(written.paths)) Reflect.deleteProperty(item, 'search');
      expect(await new Validator().validate({ ...written })).toEqual({ valid: true });
    });

    it('says of every operation and all credentials whether the guard lets them in', async () => {
      const all: Credentials[] = [
        { headers: {} },
        { headers: { 'x-user': 'ada' }, scheme: 'user' },
        { headers: { 'x-key': 'key' }, scheme: 'key' },
        ...(await tokens(primary, 'm2m', [testAudience, adminAudience], SCOPES)),
        ...(await tokens(partner, 'm2m-2', [testAudience], SCOPES)),
      ];
      // What no M2MGuard guards has the security that the application wrote.
      const operations = operationsOf(document).filter(
        ({ path, security }) => security !== undefined && !path.endsWith('unguarded/other'),
      );
      const compared = await compare(api.url, operations, all);
      expect(compared.filter(({ isLetIn, isDocumented }) => isLetIn !== isDocumented)).toEqual([]);
      expect(compared.filter(({ isLetIn }) => isLetIn).length).toBeGreaterThan(100);
      expect(compared.filter(({ isLetIn }) => !isLetIn).length).toBeGreaterThan(100);
    });

    it('leaves alone what no guard of M2MModule guards', () => {
      const found = operationsOf(document).filter(({ path }) => path.includes('/unguarded'));
      expect(found.length).toBeGreaterThan(1);
      for (const { path, security } of found) {
        expect({ path, security }).toEqual({ path, security: path.endsWith('/other') ? [{ key: [] }] : undefined });
      }
    });

    it('describes every operation, without a warning', () => {
      expect(api.log.filter(({ text }) => text.includes('OpenAPI'))).toEqual([]);
      expect(operationsOf(document).length).toBeGreaterThan(20);
    });

    it('refers to the answers of the guard where the guard answers, and nowhere else', () => {
      for (const { path, security = [], statuses } of operationsOf(document)) {
        const isOurs = security.some((requirement) => 'm2m' in requirement);
        const ours = statuses.filter((status) => ['401', '403', '503'].includes(status));
        expect({ path, ours }).toEqual({ path, ours: isOurs ? ['401', '403', '503'] : [] });
      }
    });

    it('names no client (claim 4.14)', () => {
      expect(JSON.stringify(document)).not.toContain('test-client');
    });

    it('names the token endpoint of one issuer and the metadata of the other, with the scopes that are needed', () => {
      expect(document.components?.securitySchemes).toMatchObject({
        m2m: {
          type: 'oauth2',
          flows: {
            clientCredentials: {
              tokenUrl: `${primary.issuer}/token`,
              scopes: { read: '', write: '', price: '', stock: '' },
            },
          },
        },
        'm2m-2': {
          type: 'openIdConnect',
          openIdConnectUrl: `${partner.issuer}/.well-known/openid-configuration`,
        },
      });
      expect(primary.http.requests.filter(({ url }) => url === '/token')).toEqual([]);
    });

    it('has the same security if it leaves out the global prefix', () => {
      const short = operationsOf(documentOf(api.app, { ignoreGlobalPrefix: true }));
      expect(short.map(({ security }) => security)).toEqual(operationsOf(document).map(({ security }) => security));
    });

    it('stays as it is if it is completed again', () => {
      expect(addM2MSecurity(structuredClone(document), api.app)).toEqual(document);
    });
  });
});
