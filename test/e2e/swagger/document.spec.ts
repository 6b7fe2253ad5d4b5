import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VersioningType, type INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';
import { platforms, startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';
import { adminAudience, audience, controllers, documentOf, providers } from './documented-api.js';

/** What may come with a request, and the requirements of a document that it meets. */
interface Credentials {
  readonly headers: Record<string, string>;
  readonly scheme?: string;
  readonly scopes?: readonly string[];
}

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
      const both = [testAudience, adminAudience];
      const all: Credentials[] = [
        { headers: {} },
        { headers: { 'x-user': 'ada' }, scheme: 'user' },
        { headers: { 'x-key': 'key' }, scheme: 'key' },
        ...(await tokens(primary, 'm2m', both)),
        ...(await tokens(partner, 'm2m-2', [testAudience])),
      ];
      const seen = { refused: 0, accepted: 0 };
      for (const { method, path, security } of operationsOf(document)) {
        // What no M2MGuard guards has the security that the application wrote.
        if (security === undefined || path.endsWith('unguarded/other')) continue;
        for (const each of all) {
          const meets = security.length === 0 || security.some((requirement) => isMet(requirement, each));
          const answer = await fetch(api.url + path.replaceAll(/\{\w+\}/g, '1'), { method, headers: each.headers });
          await answer.body?.cancel();
          const { scheme, scopes } = each;
          expect({ method, path, scheme, scopes, isLetIn: answer.ok }).toEqual({
            method,
            path,
            scheme,
            scopes,
            isLetIn: meets,
          });
          seen[meets ? 'accepted' : 'refused'] += 1;
        }
      }
      expect(seen.refused).toBeGreaterThan(100);
      expect(seen.accepted).toBeGreaterThan(100);
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
      expect(documentOf(api.app)).toEqual(document);
    });
  });
});

async function tokens(issuer: TestIssuer, scheme: string, aud: readonly string[]): Promise<Credentials[]> {
  return Promise.all(
    SCOPES.map(async (scopes) => {
      const token = await issuer.mint({ scope: scopes.join(' '), aud });
      return { headers: { authorization: `Bearer ${token}` }, scheme, scopes };
    }),
  );
}

function isMet(requirement: Record<string, string[]>, { scheme, scopes = [], headers }: Credentials): boolean {
  const needed = Object.entries(requirement);
  // A token that comes must be good; other headers are ignored.
  if (needed.length === 0) return headers['authorization'] === undefined;
  return needed.every(([name, needs]) => name === scheme && needs.every((scope) => scopes.includes(scope)));
}

interface DocumentedOperation {
  readonly path: string;
  readonly method: string;
  readonly security: Record<string, string[]>[] | undefined;
  readonly statuses: readonly string[];
}

function operationsOf({ paths }: OpenAPIObject): DocumentedOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    (['get', 'post', 'put', 'patch', 'delete'] as const).flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const { security, responses } = operation;
      return [{ path, method: method.toUpperCase(), security, statuses: Object.keys(responses) }];
    }),
  );
}
