import { describe, expect, it } from '@jest/globals';
import { EndpointResolver } from '../../../lib/authorization-servers/endpoint-resolver.js';
import { AssertionCallback } from '../../../lib/client-authentication/assertion-callback.js';
import { CachedCredential } from '../../../lib/client-authentication/cached-credential.js';
import { textOption } from '../../../lib/client-authentication/credential-option.js';
import { FoundClients } from '../../../lib/client/clients/found-clients.js';
import { AuthorizationServerHttp } from '../../../lib/http/authorization-server-http.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { currentRequest, runInRequest } from '../../../lib/request-context/request-context.js';
import { FoundIssuers } from '../../../lib/resource-server/authentication/issuers/found-issuers.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';

/** Notes for whom it is called: `undefined` for no request. */
type Note = () => void;

const nothing = (): undefined => undefined;
const place = { option: 'client.clientSecret', remedy: 'a secret' };

/** What starts each flight; all of them are started for a request. */
const flights: Readonly<Record<string, (note: Note, clock: TestClock) => Promise<unknown>>> = {
  'a discovery': (note, clock) => {
    const answer = { status: 404, headers: {}, body: Buffer.from('') };
    const resolver = new EndpointResolver(() => (note(), Promise.resolve(answer)), clock);
    return resolver.resolve({ name: 'test', issuer: 'http://127.0.0.1:1' }, 'tokenEndpoint', 1000);
  },
  'the look-up of a client': (note, clock) => {
    const ask = () => (note(), Promise.resolve(undefined));
    const source = { ask, accept: nothing, evicted: nothing, forgotten: nothing, failed: nothing };
    return new FoundClients(source, clock).find('tenant');
  },
  'the look-up of an issuer': (note, clock) => {
    const source = { ask: () => (note(), Promise.resolve(undefined)), accept: nothing as never, failed: nothing };
    return new FoundIssuers(source, clock).find('https://id.tenant.example');
  },
  'the reading of a credential': (note, clock) =>
    new CachedCredential(
      textOption('clientSecret', place, () => (note(), 'secret')),
      clock,
    ).value(1000),
  'the reading of a client assertion': (note, clock) =>
    new AssertionCallback(() => (note(), 'a.b.c'), clock).value(1000),
};

describe('a flight that several requests share', () => {
  it.each(Object.keys(flights))('runs for none of them: %s (claim 9.5)', async (name) => {
    const seen: unknown[] = [];
    const started = runInRequest({}, () => flights[name]?.(() => void seen.push(currentRequest()), new TestClock()));
    await started?.catch(nothing);
    expect(seen.length).toBeGreaterThanOrEqual(1);
    expect(new Set(seen)).toEqual(new Set([undefined]));
  });

  it('runs for none of them: keys that are fetched again after a bad signature (claim 9.5)', async () => {
    const clock = new TestClock();
    await using issuer = await TestIssuer.start({ now: () => clock.wall() });
    const { authorizationServer } = issuer;
    const resolved = resolveOptions({ authorizationServer, resourceServer: { audience: testAudience } });
    const http = new AuthorizationServerHttp(resolved.http, clock);
    const seen: unknown[] = [];
    http.request = (request) => {
      seen.push(currentRequest());
      return AuthorizationServerHttp.prototype.request.call(http, request);
    };
    const endpoints = new EndpointResolver((request) => http.request(request), clock);
    const verifier = new M2MTokenVerifier(resolved, http, endpoints, clock);
    const token = await issuer.mint();
    await verifier.verify(token);
    await clock.advance(31_000);
    const before = seen.length;
    const forged = `${token.slice(0, token.lastIndexOf('.'))}.${Buffer.alloc(256, 1).toString('base64url')}`;
    await expect(runInRequest({}, () => verifier.verify(forged))).rejects.toThrow('signature');
    expect(seen.length).toBeGreaterThan(before);
    expect(new Set(seen)).toEqual(new Set([undefined]));
    verifier.onModuleDestroy();
  });
});
