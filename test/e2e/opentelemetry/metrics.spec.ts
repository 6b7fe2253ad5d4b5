import { describe, expect, it, jest } from '@jest/globals';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { INVALID_TOKEN_REASONS } from '../../../lib/errors/invalid-token.error.js';
import { INSTRUMENTS } from '../../../lib/opentelemetry/instruments.js';
import { M2MOpenTelemetryModule } from '../../../lib/opentelemetry/index.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { TestTokenEndpoint } from '../../support/calling-service.js';
import { CollectedMetrics } from '../../support/collected-metrics.js';
import { startGuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { until } from '../../support/until.js';

const MINUTE = 60_000;
const SECRET = 'the-secret-of-the-client';
const { tokenRequests, tokenRequestDuration, tokens, tokenRemaining, tokenLifetime, waits, clockSkew } = INSTRUMENTS;
const { verifications, verificationDuration, keySetAge } = INSTRUMENTS;

async function start(options: M2MModuleOptions, clock = new TestClock()) {
  const running = await startGuardedApp({ options, clock, imports: [M2MOpenTelemetryModule] });
  const client = running.app.get(M2MClientService);
  const verifier = running.app.get(M2MTokenVerifier);
  return { clock, client, verifier, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

function clientOptions(endpoint: TestTokenEndpoint): M2MModuleOptions {
  return {
    authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint: endpoint.url },
    client: {
      clientId: 'orders',
      clientSecret: SECRET,
      retry: { attempts: 1 },
      targets: { shop: { url: 'http://127.0.0.1:2', audience: 'https://shop.test' } },
      clients: { billing: { clientId: 'billing-id', clientSecret: SECRET, retry: { attempts: 1 } } },
    },
  };
}

function resourceServerOptions(issuer: TestIssuer) {
  const { authorizationServer } = issuer;
  return { authorizationServer, resourceServer: { audience: testAudience, allowedClients: [testClientId] } };
}

function tenant(name: string) {
  return { clientId: name, clientSecret: SECRET, retry: { attempts: 1 } };
}

describe('M2MOpenTelemetryModule, outbound', () => {
  it('counts token requests, tokens by source and waits, and measures requests', async () => {
    await using metrics = new CollectedMetrics();
    await using endpoint = await TestTokenEndpoint.start();
    await using app = await start(clientOptions(endpoint));
    for (let call = 0; call < 3; call++) await app.client.getToken();
    endpoint.down = true;
    await expect(app.client.client('billing').getToken()).rejects.toThrow('ECONNRESET');

    const success = { 'm2m.result': 'success' };
    expect(await metrics.points(tokenRequests.name)).toMatchObject([
      { attributes: success, value: 1 },
      { attributes: { 'm2m.result': 'failure' }, value: 0 },
      { attributes: { ...success, 'm2m.client': 'billing' }, value: 0 },
      { attributes: { 'm2m.client': 'billing', 'm2m.result': 'failure' }, value: 1 },
    ]);
    const own = (await metrics.points(tokens.name)).filter(({ attributes }) => !('m2m.client' in attributes));
    expect(own.map(({ attributes, value }) => [attributes['m2m.token.source'], value])).toEqual([
      ['memory', 2],
      ['outage', 0],
      ['store', 0],
      ['request', 1],
    ]);
    expect((await metrics.points(waits.name)).map(({ value }) => value)).toEqual([1, 1]);
    const durations = await metrics.points(tokenRequestDuration.name);
    expect(durations).toMatchObject([
      { attributes: {}, value: { count: 1 } },
      { attributes: { 'm2m.client': 'billing', 'error.type': 'ERR_M2M_TOKEN_ENDPOINT' }, value: { count: 1 } },
    ]);
  });

  it('tells the remaining life of each token of the options that was requested, and of no other', async () => {
    await using metrics = new CollectedMetrics();
    await using endpoint = await TestTokenEndpoint.start();
    await using app = await start(clientOptions(endpoint));
    expect(await metrics.points(tokenRemaining.name)).toEqual([]);
    await app.client.getToken({ target: 'shop' });
    await app.client.getToken({ scope: 'of:one-request' });
    await app.clock.advance(10 * MINUTE);
    expect(await metrics.points(tokenRemaining.name)).toMatchObject([
      { attributes: { 'm2m.target': 'shop' }, value: 3000 },
    ]);
    expect(await metrics.value(tokenLifetime.name)).toBe(3600);
    await app.clock.advance(51 * MINUTE);
    expect((await metrics.points(tokenRemaining.name)).map(({ value }) => value)).toEqual([0]);
  });

  it('counts calls that get a token about to expire in an outage, and reports 0 when it has expired', async () => {
    await using metrics = new CollectedMetrics();
    await using endpoint = await TestTokenEndpoint.start();
    await using app = await start(clientOptions(endpoint));
    await app.client.getToken();
    endpoint.down = true;
    await app.clock.advance(3_595_000);
    await app.client.getToken();
    const from = (source: string) =>
      metrics.value(tokens.name, { 'm2m.token.source': source, 'm2m.client': undefined });
    expect([await from('outage'), await from('memory')]).toEqual([1, 0]);
    expect(await metrics.value(tokenRemaining.name)).toBe(5);
    await app.clock.advance(5_000);
    expect(await metrics.value(tokenRemaining.name)).toBe(0);
  });

  it('tells how far the clock of the authorization server is ahead', async () => {
    await using metrics = new CollectedMetrics();
    await using endpoint = await TestTokenEndpoint.start();
    await using app = await start(clientOptions(endpoint), new TestClock(Date.now() - 10 * MINUTE));
    expect(await metrics.points(clockSkew.name)).toEqual([]);
    await app.client.getToken();
    const [skew] = await metrics.points(clockSkew.name);
    expect(Math.round((skew?.value as number) / 60)).toBe(10);
  });

  it('has an end: an application that is closed is not asked for its totals, which stay', async () => {
    await using metrics = new CollectedMetrics();
    await using endpoint = await TestTokenEndpoint.start();
    const app = await start(clientOptions(endpoint));
    await app.client.getToken();
    const stats = jest.spyOn(app.client, 'stats');
    await metrics.all();
    expect(stats).toHaveBeenCalled();
    await app.client.getToken();
    await app[Symbol.asyncDispose]();
    stats.mockClear();
    expect(await metrics.value(tokens.name, { 'm2m.token.source': 'memory', 'm2m.client': undefined })).toBe(1);
    expect(stats).not.toHaveBeenCalled();
  });

  it('counts the tokens that another process requested', async () => {
    await using metrics = new CollectedMetrics();
    await using endpoint = await TestTokenEndpoint.start();
    const { authorizationServer, client } = clientOptions(endpoint);
    const options = { authorizationServer, client: { ...client, tokenStore: new MemoryTokenStore() } };
    await using one = await start(options);
    await one.client.getToken();
    await using other = await start(options);
    await other.client.getToken();
    const from = (source: string) =>
      metrics.value(tokens.name, { 'm2m.token.source': source, 'm2m.client': undefined });
    expect([await from('request'), await from('store')]).toEqual([1, 1]);
  });

  it('adds up the applications of a process, and one that starts again', async () => {
    await using metrics = new CollectedMetrics();
    await using endpoint = await TestTokenEndpoint.start();
    const sum = () => metrics.value(tokens.name, { 'm2m.token.source': 'request', 'm2m.client': undefined });
    await using one = await start(clientOptions(endpoint));
    const other = await start(clientOptions(endpoint));
    for (const { client } of [one, other, one]) await client.getToken({ forceRenewal: true });
    expect(await sum()).toBe(3);
    await other[Symbol.asyncDispose]();
    expect(await sum()).toBe(3);
    await using again = await start(clientOptions(endpoint));
    await again.client.getToken();
    expect([await sum(), await sum()]).toEqual([4, 4]);
  });

  it('counts once if several modules import it', async () => {
    await using metrics = new CollectedMetrics();
    await using endpoint = await TestTokenEndpoint.start();
    class FeatureModule {}
    const imports = [M2MOpenTelemetryModule, { module: FeatureModule, imports: [M2MOpenTelemetryModule] }];
    await using running = await startGuardedApp({ options: clientOptions(endpoint), imports });
    await running.app.get(M2MClientService).getToken();
    expect(await metrics.value(tokens.name, { 'm2m.token.source': 'request', 'm2m.client': undefined })).toBe(1);
    expect(await metrics.value(tokenRequestDuration.name)).toMatchObject({ count: 1 });
  });
});

describe('M2MOpenTelemetryModule, inbound', () => {
  it('counts tokens by result, reason and cache, and measures verifications', async () => {
    await using metrics = new CollectedMetrics();
    await using issuer = await TestIssuer.start();
    await using app = await start(resourceServerOptions(issuer));
    const token = await issuer.mint();
    await app.verifier.verify(token);
    await app.verifier.verify(token);
    const bad = ['no token', await issuer.mint({ exp: 1 }), await issuer.mint({ client_id: 'other', sub: 'other' })];
    for (const each of bad)
      await expect(app.verifier.verify(each)).rejects.toMatchObject({ code: expect.stringMatching(/^ERR/) });

    const seen = await metrics.points(verifications.name);
    expect(seen.filter(({ value }) => value !== 0)).toMatchObject([
      { attributes: { 'm2m.result': 'accepted', 'm2m.cached': true }, value: 1 },
      { attributes: { 'm2m.result': 'accepted', 'm2m.cached': false }, value: 1 },
      { attributes: { 'm2m.result': 'refused', 'm2m.reason': 'malformed' }, value: 1 },
      { attributes: { 'm2m.result': 'refused', 'm2m.reason': 'expired' }, value: 1 },
      { attributes: { 'm2m.result': 'refused', 'm2m.reason': 'caller' }, value: 1 },
    ]);
    expect(await metrics.value(verificationDuration.name, { 'm2m.issuer': issuer.issuer })).toMatchObject({ count: 1 });
  });

  it('tells the age of key sets, and counts tokens that cannot be verified', async () => {
    await using metrics = new CollectedMetrics();
    await using issuer = await TestIssuer.start();
    await using app = await start(resourceServerOptions(issuer));
    issuer.breakKeySet((response) => response.destroy());
    const token = await issuer.mint();
    await expect(app.verifier.verify(token)).rejects.toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
    expect(await metrics.points(keySetAge.name)).toEqual([]);
    expect(await metrics.value(verifications.name, { 'm2m.result': 'unavailable' })).toBe(1);
    issuer.heal();
    await app.clock.advance(2000);
    await app.verifier.verify(token);
    await app.clock.advance(90_000);
    expect(await metrics.value(keySetAge.name, { 'm2m.issuer': issuer.issuer })).toBe(90);
    app.clock.jump(-10 * MINUTE);
    expect(await metrics.value(keySetAge.name)).toBe(0);
  });

  it('has an end: an application that is closed is not asked for its totals, which stay', async () => {
    await using metrics = new CollectedMetrics();
    await using issuer = await TestIssuer.start();
    const app = await start(resourceServerOptions(issuer));
    await app.verifier.verify(await issuer.mint());
    const stats = jest.spyOn(app.verifier, 'stats');
    await app[Symbol.asyncDispose]();
    stats.mockClear();
    expect(await metrics.value(verifications.name, { 'm2m.result': 'accepted', 'm2m.cached': false })).toBe(1);
    expect(stats).not.toHaveBeenCalled();
  });
});

it('M2MOpenTelemetryModule reports no age of keys that are written in the options', async () => {
  await using metrics = new CollectedMetrics();
  await using issuer = await TestIssuer.start();
  const { authorizationServer, resourceServer } = resourceServerOptions(issuer);
  const jwks = { keys: [(await issuer.key()).jwk] };
  await using app = await start({ authorizationServer: { ...authorizationServer, jwks }, resourceServer });
  await app.verifier.verify(await issuer.mint());
  expect(await metrics.points(keySetAge.name)).toEqual([]);
  expect(await metrics.points(verificationDuration.name)).toHaveLength(1);
});

describe('the attributes of metrics', () => {
  it('come from fixed lists and the options: tenants are dynamic, and callers add none (claim 2.7)', async () => {
    await using metrics = new CollectedMetrics();
    await using endpoint = await TestTokenEndpoint.start();
    await using issuer = await TestIssuer.start();
    const tenantIssuer = 'https://tenant-7.example.com';
    const jwks = { keys: [(await issuer.key()).jwk] };
    const resolve = (name: string) =>
      name === tenantIssuer
        ? { authorizationServer: { name: 'test', issuer: name, jwks }, audience: testAudience, scopes: [] }
        : undefined;
    const { client, authorizationServer } = clientOptions(endpoint);
    await using app = await start({
      authorizationServer: { ...issuer.authorizationServer, ...authorizationServer, issuer: issuer.issuer },
      client: { ...client, clients: tenant },
      resourceServer: { audience: testAudience, allowedClients: [testClientId], trust: [{ resolve }] },
    });
    await app.client.getToken();
    await app.client.client('tenant-7').getToken();
    const good = await issuer.mint({ iss: tenantIssuer, jti: 'of-the-caller' });
    await app.verifier.verify(good);
    await expect(app.verifier.verify(await issuer.mint({ iss: 'https://random.test' }))).rejects.toMatchObject({
      reason: 'issuer',
    });
    await until(async () => (await metrics.points(verificationDuration.name)).length > 0);

    const all = await metrics.all();
    expect([...all.keys()].toSorted()).toEqual(
      Object.values(INSTRUMENTS)
        .map(({ name }) => name)
        .filter((name) => name !== keySetAge.name)
        .toSorted(),
    );
    const results = ['success', 'failure', 'accepted', 'refused', 'unavailable'];
    const allowed = new Map<string, readonly unknown[]>([
      ['m2m.client', ['dynamic']],
      ['m2m.target', ['shop']],
      ['m2m.result', results],
      ['m2m.token.source', ['memory', 'outage', 'store', 'request']],
      ['m2m.reason', [...INVALID_TOKEN_REASONS, 'caller']],
      ['m2m.cached', [true, false]],
      ['m2m.issuer', [issuer.issuer, 'dynamic']],
    ]);
    const seen = [...all.values()].flatMap(({ points }) =>
      points.flatMap(({ attributes }) => Object.entries(attributes)),
    );
    expect(seen.filter(([name, value]) => !allowed.get(name)?.includes(value))).toEqual([]);
    expect(seen).toContainEqual(['m2m.client', 'dynamic']);
    expect(seen).toContainEqual(['m2m.issuer', 'dynamic']);
  });

  it('have the units of OpenTelemetry', async () => {
    await using metrics = new CollectedMetrics();
    await using endpoint = await TestTokenEndpoint.start();
    await using app = await start(clientOptions(endpoint));
    await app.client.getToken();
    const all = await metrics.all();
    expect(all.get('m2m.client.token.remaining')?.unit).toBe('s');
    expect(all.get('m2m.client.token.requests')?.unit).toBe('{request}');
  });
});

it('M2MOpenTelemetryModule works without an SDK', async () => {
  await using endpoint = await TestTokenEndpoint.start();
  await using app = await start(clientOptions(endpoint));
  expect(await app.client.getToken()).toBe('token-1');
});
