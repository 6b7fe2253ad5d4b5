import { describe, expect, it } from '@jest/globals';
import { EndpointResolver } from '../../../lib/authorization-servers/endpoint-resolver.js';
import { VerifiedCaller } from '../../../lib/caller/verified-caller.js';
import { InvalidTokenError } from '../../../lib/errors/invalid-token.error.js';
import { AuthorizationServerHttp } from '../../../lib/http/authorization-server-http.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import type {
  AccessTokenAuthenticator,
  AuthenticatedToken,
} from '../../../lib/resource-server/authentication/access-token-authenticator.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { base64url } from '../../support/issuer.js';

/** Takes the tokens with one prefix, and keeps count. */
class PrefixAuthenticator implements AccessTokenAuthenticator {
  readonly authenticated: string[] = [];
  readonly issuers: (string | undefined)[] = [];
  confirmation: unknown;
  acceptedUntil = Infinity;
  isValid = true;
  readyFor = 0;
  /** What happens while it authenticates. */
  meanwhile = (): Promise<void> => Promise.resolve();

  constructor(private readonly prefix: string) {}

  accepts(token: string, issuer: string | undefined): boolean {
    this.issuers.push(issuer);
    return token.startsWith(this.prefix);
  }

  async authenticate(token: string): Promise<AuthenticatedToken> {
    this.authenticated.push(token);
    if (!token.startsWith(this.prefix)) throw new InvalidTokenError('malformed', `no token of ${this.prefix}`);
    const read = { clientId: this.prefix, scopes: ['read'], audience: ['api'], kind: 'machine' } as const;
    const caller = new VerifiedCaller('https://as.test', read, undefined, 0, '{}');
    const { confirmation, acceptedUntil } = this;
    const rest = { jti: undefined, issuedAt: undefined, isStillValid: () => this.isValid };
    await this.meanwhile();
    return { caller, acceptedUntil, confirmation, ...rest };
  }

  async ready(): Promise<void> {
    this.readyFor += 1;
    await Promise.resolve();
  }
}

function verifierOf(...authenticators: AccessTokenAuthenticator[]) {
  const clock = new TestClock();
  const http = new AuthorizationServerHttp({}, clock);
  const endpoints = new EndpointResolver((request) => http.request(request), clock);
  const options = resolveOptions({
    authorizationServer: { issuer: 'https://as.test' },
    resourceServer: { audience: 'api', warmup: 'required' },
  });
  return { verifier: new M2MTokenVerifier(options, http, endpoints, clock, authenticators), clock };
}

describe('M2MTokenVerifier with authenticators of its own', () => {
  it('asks the one that there is for whatever token', async () => {
    const one = new PrefixAuthenticator('one');
    const { verifier } = verifierOf(one);
    expect((await verifier.verify('one-1')).clientId).toBe('one');
    await expect(verifier.verify('other')).rejects.toMatchObject({ reason: 'malformed' });
    expect(one.issuers).toEqual([]);
  });

  it('says how long the verification of a token took, and nothing for one out of the cache', async () => {
    const one = new PrefixAuthenticator('one');
    const { verifier, clock } = verifierOf(one);
    one.meanwhile = () => clock.advance(40);
    const events: unknown[] = [];
    verifier.events$.subscribe((event) => events.push(event));
    const caller = await verifier.verify('one-1');
    await verifier.verify('one-1');
    expect(events).toEqual([{ type: 'token-verified', caller, duration: 40 }]);
  });

  it('asks the one that accepts a token, by the issuer that the token names', async () => {
    const [one, two] = [new PrefixAuthenticator('one'), new PrefixAuthenticator('ey')];
    const { verifier } = verifierOf(one, two);
    const jwt = `${base64url('{"alg":"none"}')}.${base64url('{"iss":"https://as.test"}')}.c2ln`;
    expect((await verifier.verify(jwt)).clientId).toBe('ey');
    expect([one.authenticated, two.authenticated]).toEqual([[], [jwt]]);
    expect(two.issuers).toEqual(['https://as.test']);
  });

  it('leaves a token that none accepts to the first, which refuses it', async () => {
    const [one, two] = [new PrefixAuthenticator('one'), new PrefixAuthenticator('two')];
    const { verifier } = verifierOf(one, two);
    await expect(verifier.verify('three')).rejects.toThrow('no token of one');
    expect(two.issuers).toEqual([undefined]);
  });

  it('authenticates a token once, until its proof no longer holds', async () => {
    const one = new PrefixAuthenticator('one');
    const { verifier } = verifierOf(one);
    const caller = await verifier.verify('one-1');
    expect(await verifier.verify('one-1')).toBe(caller);
    expect(verifier.remembered('one-1')).toBe(caller);
    one.isValid = false;
    expect(verifier.remembered('one-1')).toBeUndefined();
    one.isValid = true;
    await verifier.verify('one-1');
    expect(one.authenticated).toEqual(['one-1', 'one-1']);
  });

  it('remembers no token that the door refuses', async () => {
    const one = new PrefixAuthenticator('one');
    one.confirmation = { jkt: 'a' };
    const { verifier } = verifierOf(one);
    for (let time = 0; time < 2; time++) {
      await expect(verifier.verify('one-1')).rejects.toMatchObject({ reason: 'sender-constrained' });
    }
    expect(verifier.remembered('one-1')).toBeUndefined();
    expect(one.authenticated).toHaveLength(2);
  });

  it('lets nobody in with a token that is no longer accepted, remembered or not', async () => {
    const one = new PrefixAuthenticator('one');
    const { verifier, clock } = verifierOf(one);
    one.acceptedUntil = clock.wall() + 1000;
    await verifier.verify('one-1');
    await clock.advance(1000);
    expect(verifier.remembered('one-1')).toBeUndefined();
    await expect(verifier.verify('one-1')).rejects.toMatchObject({ reason: 'expired' });
  });

  it('gets all of them ready at the start', async () => {
    const [one, two] = [new PrefixAuthenticator('one'), new PrefixAuthenticator('two')];
    await verifierOf(one, two).verifier.onApplicationBootstrap();
    expect([one.readyFor, two.readyFor]).toEqual([1, 1]);
  });
});
