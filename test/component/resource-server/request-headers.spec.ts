import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { KeysUnavailableError } from '../../../lib/errors/keys-unavailable.error.js';
import type { M2MResourceServerEvent } from '../../../lib/resource-server/events/m2m-resource-server-event.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { verificationApp } from '../../e2e/verification/verification-app.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { testAudience, testClientId, TestIssuer } from '../../support/issuer.js';

const KEY = 'k3y-of-the-gateway';

type RequestHeaders = NonNullable<AuthorizationServer['requestHeaders']>;

interface Outcome {
  /** The client of the token, or the error. */
  readonly result: unknown;
  readonly events: readonly M2MResourceServerEvent[];
  /** Path and gateway key of each request that the issuer got. */
  readonly sent: readonly (readonly [url: string, key: unknown])[];
}

/** Verifies one token of an issuer whose requests carry further headers. */
async function verifyOne(
  issuer: TestIssuer,
  requestHeaders: RequestHeaders,
  differs: Partial<AuthorizationServer> = {},
): Promise<Outcome> {
  const authorizationServer = { ...issuer.authorizationServer, requestHeaders, ...differs };
  await using app = await verificationApp({ authorizationServer, resourceServer: { audience: testAudience } });
  const verifier = app.get(M2MTokenVerifier);
  const events: M2MResourceServerEvent[] = [];
  verifier.events$.subscribe((event) => events.push(event));
  const result = await verifier.verify(await issuer.mint()).then(
    ({ clientId }) => clientId,
    (error: unknown) => error,
  );
  return { result, events, sent: issuer.http.requests.map(({ url, headers }) => [url, headers['x-api-key']] as const) };
}

/** What comes to light of a failure. */
const shownOf = ({ result, events }: Outcome): string => inspect([result, events], { depth: 9, showHidden: true });

describe('requestHeaders of a resource server', () => {
  it('go with the requests for metadata and keys to the origin of the issuer', async () => {
    await using issuer = await TestIssuer.start();
    const { result, sent } = await verifyOne(issuer, ({ purpose }) => ({ 'x-api-key': `${KEY} for ${purpose}` }));
    expect(result).toBe(testClientId);
    expect(sent).toEqual([
      ['/.well-known/openid-configuration', `${KEY} for metadata`],
      ['/jwks', `${KEY} for jwks`],
    ]);
  });

  it('go to a key set at another origin only if the options name it', async () => {
    await using issuer = await TestIssuer.start();
    const { jwk } = await issuer.key();
    await using elsewhere = await TestHttpServer.start((_request, response) => json(response, 200, { keys: [jwk] }));
    await using naming = await TestHttpServer.start((_request, response) =>
      json(response, 200, { issuer: naming.url, jwks_uri: `${elsewhere.url}/discovered` }),
    );
    const asked: string[] = [];
    const requestHeaders: RequestHeaders = ({ url }) => {
      asked.push(url);
      return { 'x-api-key': KEY };
    };
    await verifyOne(issuer, requestHeaders, { jwksUri: `${elsewhere.url}/written` });
    const named = { issuer: naming.url, requestHeaders };
    await using app = await verificationApp({
      authorizationServer: named,
      resourceServer: { audience: testAudience },
    });
    await app.get(M2MTokenVerifier).verify(await issuer.mint({ iss: naming.url }));
    expect(elsewhere.requests.map(({ url, headers }) => [url, headers['x-api-key']])).toEqual([
      ['/written', KEY],
      ['/discovered', undefined],
    ]);
    expect(asked).toEqual([`${elsewhere.url}/written`, `${naming.url}/.well-known/openid-configuration`]);
  });

  it('follow no redirect of the key set', async () => {
    await using issuer = await TestIssuer.start();
    await using elsewhere = await TestHttpServer.start((_request, response) => json(response, 200, { keys: [] }));
    issuer.breakKeySet((response) => response.writeHead(302, { location: elsewhere.url }).end());
    expect((await verifyOne(issuer, () => ({ 'x-api-key': KEY }))).result).toBeInstanceOf(KeysUnavailableError);
    expect(elsewhere.requests).toEqual([]);
  });

  it('are asked for no keys that are given', async () => {
    await using issuer = await TestIssuer.start();
    const { jwk } = await issuer.key();
    const { result, sent } = await verifyOne(issuer, () => Promise.reject(new Error()), { jwks: { keys: [jwk] } });
    expect([result, sent]).toEqual([testClientId, []]);
  });

  it.each<[string, RequestHeaders, string]>([
    ['that cannot be had', () => Promise.reject(new RangeError(KEY)), 'failed with RangeError'],
    ['that may not be set', () => ({ Cookie: KEY }), 'returned the header cookie, which it may not set for a jwks'],
    ['that no request can have', () => ({ 'x-api-key': `${KEY}\r\n` }), 'returned a header with a name or a value'],
  ])('%s are not the fault of the token, and are shown nowhere', async (_what, requestHeaders, message) => {
    await using issuer = await TestIssuer.start();
    const outcome = await verifyOne(issuer, requestHeaders, { jwksUri: issuer.jwksUri });
    expect(outcome.result).toBeInstanceOf(KeysUnavailableError);
    expect(outcome.result).toMatchObject({
      cause: { code: 'ERR_M2M_CALLBACK', message: expect.stringContaining(message) },
    });
    expect(shownOf(outcome)).not.toContain(KEY);
    expect(outcome.sent).toEqual([]);
  });

  it('are shown nowhere if the key set repeats them', async () => {
    await using issuer = await TestIssuer.start();
    issuer.breakKeySet((response) => json(response, 200, { keys: [{ kty: 'EC', kid: KEY }], error: KEY }));
    const outcome = await verifyOne(issuer, () => ({ 'x-api-key': KEY }));
    expect(outcome.result).toBeInstanceOf(KeysUnavailableError);
    expect(shownOf(outcome)).not.toContain(KEY);
    const { jwk } = await issuer.key();
    issuer.breakKeySet((response) => json(response, 200, { keys: [jwk, { ...jwk, kid: KEY }] }));
    const { result, events } = await verifyOne(issuer, () => ({ 'x-api-key': KEY }));
    expect(result).toBe(testClientId);
    const fetched = { type: 'key-set-fetched', keys: [jwk['kid'], '[redacted]'] };
    expect(events).toMatchObject([fetched, { type: 'token-verified' }]);
  });
});
