import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import type { ConfigurationProblem } from '../../../lib/errors/configuration.error.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { testAudience, TestIssuer } from '../../support/issuer.js';
import { problemsOf } from '../../support/problems-of.js';
import { verificationApp } from './verification-app.js';

const own = oidc({ issuer: 'https://id.example.com' });
const google = { ...oidc({ issuer: 'https://accounts.google.com' }), name: 'Google' };
const flagged: AuthorizationServer = { ...oidc({ issuer: 'https://shared.example.com' }), openToStrangers: true };
const denied: AuthorizationServer = { ...google, openToStrangers: false };

/** The rules for tokens of a server: as the primary issuer, and as one that is trusted beside another. */
const places: [string, (server: AuthorizationServer, rules: object) => unknown][] = [
  ['resourceServer', (authorizationServer, rules) => ({ resourceServer: { authorizationServer, ...rules } })],
  ['resourceServer', (authorizationServer, rules) => ({ authorizationServer, resourceServer: rules })],
  [
    'resourceServer.trust[0]',
    (authorizationServer, rules) => ({
      authorizationServer: own,
      // What the primary issuer is held to says nothing of another.
      resourceServer: { audience: 'a', allowedClients: ['a'], trust: [{ authorizationServer, scopes: [], ...rules }] },
    }),
  ],
];

const problems = (options: unknown): readonly ConfigurationProblem[] =>
  problemsOf(() => resolveOptions(options as M2MModuleOptions));

describe.each(places)('an issuer that is open to strangers, in %s', (path, options) => {
  it.each([google, flagged, denied])('needs allowedClients (claim 5.5): %j', (server) => {
    expect(problems(options(server, { audience: testAudience }))).toMatchObject([
      {
        option: `${path}.allowedClients`,
        problem: `is missing: anybody can get a token of ${server.issuer}, for any audience`,
        remedy: "allowedClients: ['orders-service'], as readClaims names them; for recipes: docs/workload-identity.md",
      },
    ]);
  });

  it.each([google, flagged, denied])('needs an audience (claim 5.5): %j', (server) => {
    expect(problems(options(server, { audience: null, allowedClients: ['orders'] }))).toMatchObject([
      {
        option: `${path}.audience`,
        problem: `leaves aud unchecked: a service that gets a token of ${server.issuer} from an allowed client could call with it`,
        remedy: "audience: 'https://my-api'",
      },
    ]);
  });

  it('needs both', () => {
    const found = problems(options(google, { audience: null }));
    expect(found.map(({ option }) => option)).toEqual([`${path}.allowedClients`, `${path}.audience`]);
  });

  it('is accepted with both', () => {
    const rules = { audience: testAudience, allowedClients: ['orders'] };
    expect(() => resolveOptions(options(google, rules) as M2MModuleOptions)).not.toThrow();
  });

  it('differs from one of your own, which needs no allowedClients', () => {
    const tenant = { ...own, issuer: 'https://tenant.example.com' };
    const rules = { audience: testAudience };
    expect(() => resolveOptions(options(tenant, rules) as M2MModuleOptions)).not.toThrow();
  });
});

describe('a token of an issuer that is open to strangers', () => {
  let issuer: TestIssuer;
  let app: Awaited<ReturnType<typeof verificationApp>>;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
    const acceptedIssuers = [`${issuer.issuer}/v1`];
    app = await verificationApp({
      authorizationServer: { ...issuer.authorizationServer, acceptedIssuers, openToStrangers: true },
      resourceServer: { audience: testAudience, allowedClients: ['orders'] },
    });
  });
  afterAll(async () => {
    await app.close();
    await issuer.stop();
  });

  const verify = async (claims: object) => app.get(M2MTokenVerifier).verify(await issuer.mint({ ...claims }));

  it('passes if its client is allowed', async () => {
    await expect(verify({ client_id: 'orders', sub: 'orders' })).resolves.toMatchObject({ clientId: 'orders' });
  });

  it("is refused if it is a stranger's, or for another service", async () => {
    const stranger = verify({ client_id: 'stranger', sub: 'stranger' });
    await expect(stranger).rejects.toMatchObject({ code: 'ERR_M2M_CALLER_NOT_ALLOWED' });
    const elsewhere = verify({ client_id: 'orders', sub: 'orders', aud: 'https://other.example.com' });
    await expect(elsewhere).rejects.toMatchObject({ reason: 'audience' });
  });

  it('may name the issuer itself, though acceptedIssuers lists only other names of it', async () => {
    const orders = { client_id: 'orders', sub: 'orders' };
    for (const iss of [issuer.issuer, `${issuer.issuer}/v1`]) {
      await expect(verify({ ...orders, iss })).resolves.toMatchObject({ issuer: issuer.issuer });
    }
    await expect(verify({ ...orders, iss: `${issuer.issuer}/v2` })).rejects.toMatchObject({ reason: 'issuer' });
  });
});
