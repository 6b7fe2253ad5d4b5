import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import { describe, expect, it, jest } from '@jest/globals';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { M2MStrategy } from '../../../lib/resource-server/m2m.strategy.js';
import { LONGEST_TOKEN } from '../../../lib/resource-server/authentication/jwt/compact-jws.js';
import { VerifiedTokenCache } from '../../../lib/resource-server/authentication/verified-token-cache.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { testAudience, testClientId, TestIssuer } from '../../support/issuer.js';
import { verificationApp } from './verification-app.js';

const options = (issuer: TestIssuer, resourceServer = {}) => ({
  authorizationServer: issuer.authorizationServer,
  resourceServer: { audience: testAudience, ...resourceServer },
});

describe('an application with an inbound half', () => {
  it('starts without its issuer, and with it once it is there', async () => {
    await using issuer = await TestIssuer.start();
    issuer.breakKeySet((response) => response.destroy());
    await using app = await verificationApp(options(issuer));
    await fetch(`${issuer.issuer}/nothing`);
    expect(issuer.http.requests.map(({ url }) => url)).toEqual(['/nothing']);
    issuer.heal();
    await expect(app.get(M2MTokenVerifier).verify(await issuer.mint())).resolves.toBeDefined();
  });

  it('that has to be warm fetches its keys before it starts, or does not start', async () => {
    await using issuer = await TestIssuer.start();
    await using _app = await verificationApp(options(issuer, { warmup: 'required' }));
    expect(issuer.keySetRequests).toBe(1);
    issuer.breakKeySet((response) => response.destroy());
    await expect(verificationApp(options(issuer, { warmup: 'required' }))).rejects.toMatchObject({
      code: 'ERR_M2M_KEYS_UNAVAILABLE',
    });
  });

  it('that warms up in the background starts at once, and says what went wrong', async () => {
    await using issuer = await TestIssuer.start();
    issuer.breakKeySet((response) => response.destroy());
    const warnings = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await using app = await verificationApp(options(issuer, { warmup: 'background' }));
    const failed = new Promise((resolve) => app.get(M2MTokenVerifier).events$.subscribe(resolve));
    await expect(failed).resolves.toMatchObject({ type: 'key-set-failed', issuer: issuer.issuer });
    expect(warnings.mock.calls.map(([line]) => String(line))).toEqual([
      `M2M-3002 The key set of "${issuer.issuer}" cannot be fetched: "GET ${issuer.issuer}/jwks failed: ECONNRESET"`,
    ]);
    warnings.mockRestore();
  });

  it('verifies every token anew where it is told to', async () => {
    const clock = new TestClock();
    await using issuer = await TestIssuer.start({ now: () => clock.wall() });
    await using app = await verificationApp(options(issuer, { cache: false }), clock);
    const verifier = app.get(M2MTokenVerifier);
    const token = await issuer.mint();
    const callers = [await verifier.verify(token), await verifier.verify(token)];
    expect(callers[0]).not.toBe(callers[1]);
    expect(verifier.remembered(token)).toBeUndefined();
  });

  it('hashes nothing that is too long for a token', async () => {
    await using issuer = await TestIssuer.start();
    await using app = await verificationApp(options(issuer));
    const asked = jest.spyOn(VerifiedTokenCache.prototype, 'get');
    const fate = app.get(M2MTokenVerifier).verify('a'.repeat(LONGEST_TOKEN + 1));
    await expect(fate).rejects.toMatchObject({ reason: 'too-large' });
    expect(asked).not.toHaveBeenCalled();
    asked.mockRestore();
  });

  it('remembers a token, and the same caller with it', async () => {
    await using issuer = await TestIssuer.start();
    await using app = await verificationApp(options(issuer));
    const verifier = app.get(M2MTokenVerifier);
    const token = await issuer.mint();
    expect(verifier.remembered(token)).toBeUndefined();
    const caller = await verifier.verify(token);
    expect(verifier.remembered(token)).toBe(caller);
    expect(await verifier.verify(token)).toBe(caller);
    expect(verifier.remembered(`${token.slice(0, -4)}AAAA`)).toBeUndefined();
  });

  it('forgets a token when it expires (claim 3.8)', async () => {
    const clock = new TestClock();
    await using issuer = await TestIssuer.start({ now: () => clock.wall() });
    await using app = await verificationApp(options(issuer, { cache: { ttl: 3_600_000 } }), clock);
    const verifier = app.get(M2MTokenVerifier);
    const token = await issuer.mint({ exp: clock.wall() / 1000 + 300 });
    await verifier.verify(token);
    await clock.advance(304_999);
    expect(verifier.remembered(token)).toBeDefined();
    await clock.advance(1);
    expect(verifier.remembered(token)).toBeUndefined();
    await expect(verifier.verify(token)).rejects.toMatchObject({ reason: 'expired' });
  });

  it('shows no token, whatever of it is printed (claim 2.1)', async () => {
    await using issuer = await TestIssuer.start();
    await using app = await verificationApp(options(issuer));
    const verifier = app.get(M2MTokenVerifier);
    const token = await issuer.mint();
    const caller = await verifier.verify(token);
    const printed = [verifier, app.get(M2MStrategy), caller]
      .map((value) => inspect(value, { depth: 12, showHidden: true }))
      .join();
    for (const part of token.split('.')) expect(printed).not.toContain(part);
    expect(JSON.stringify(caller)).not.toContain(token.split('.')[2]);
  });

  it('ends its events when it closes', async () => {
    await using issuer = await TestIssuer.start();
    const app = await verificationApp(options(issuer));
    let isComplete = false;
    app.get(M2MTokenVerifier).events$.subscribe({ complete: () => (isComplete = true) });
    await app.close();
    expect(isComplete).toBe(true);
  });
});

describe('an application without an inbound half', () => {
  it('says which lines to add when a token is to be verified', async () => {
    await using issuer = await TestIssuer.start();
    const client = { clientId: testClientId, clientSecret: 'a secret of some length' };
    const { authorizationServer } = issuer;
    await using app = await verificationApp({ authorizationServer, client });
    const refusal = app.get(M2MTokenVerifier).verify(await issuer.mint());
    await expect(refusal).rejects.toThrow(M2MConfigurationError);
    await expect(refusal).rejects.toThrow(/resourceServer: \{ audience:/);
    expect(app.get(M2MTokenVerifier).remembered('anything')).toBeUndefined();
  });
});
