import { TestIssuer, type NewKeyOptions, type TestKey } from '../support/issuer.js';
import type { World } from './conformance-request.js';
import type { Issuers } from './guarded-api.js';

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** Starts everybody whom the corpus needs but the guarded API. */
export async function startWorld(): Promise<World & AsyncDisposable> {
  const issuer = await TestIssuer.start();
  const partner = await TestIssuer.start();
  const tenants = await TestIssuer.start();
  const unreachable = await TestIssuer.start();
  const given = await TestIssuer.start();
  const failing = await TestIssuer.start();
  const elsewhere = await TestIssuer.start();
  for (const each of [unreachable, given, failing]) each.breakKeySet((response) => response.destroy());
  const keys = await Promise.all(algorithms.map((alg) => issuer.key(alg)));
  const rsa = await issuer.key();
  const twins = await keysInTurn(issuer, 2, 'RS256', { kid: 'twin' });
  const nameless = await keysInTurn(issuer, 4, 'ES256', { members: { kid: undefined } });
  return {
    issuer,
    partner,
    tenants,
    unreachable,
    given,
    failing,
    rsa,
    keys,
    twins,
    nameless,
    partnerKey: await partner.key(),
    tenantsKey: await tenants.key(),
    unreachableKey: await unreachable.key(),
    givenKey: await given.key(),
    failingKey: await failing.key(),
    stranger: await elsewhere.key(),
    good: issuer.mintWith(rsa),
    async [Symbol.asyncDispose]() {
      await Promise.all([issuer, partner, tenants, unreachable, given, failing, elsewhere].map((each) => each.stop()));
    },
  };
}

/** Published in the order in which they are returned. */
async function keysInTurn(
  issuer: TestIssuer,
  count: number,
  alg: string,
  options: NewKeyOptions,
): Promise<readonly TestKey[]> {
  const keys: TestKey[] = [];
  while (keys.length < count) keys.push(await issuer.addKey(alg, options));
  return keys;
}

/** Whom the guarded API trusts. */
export function issuersOf({ issuer, partner, tenants, unreachable, given, givenKey, failing }: World): Issuers {
  return {
    primary: issuer.issuer,
    partner: partner.issuer,
    tenants: tenants.issuer,
    unreachable: unreachable.issuer,
    given: { issuer: given.issuer, jwks: { keys: [givenKey.jwk] } },
    failing: failing.issuer,
  };
}
