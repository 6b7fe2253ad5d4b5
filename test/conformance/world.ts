import { TestIssuer } from '../support/issuer.js';
import type { World } from './conformance-request.js';
import type { Issuers } from './guarded-api.js';

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** Starts everybody whom the corpus needs but the guarded API. */
export async function startWorld(): Promise<World & AsyncDisposable> {
  const issuer = await TestIssuer.start();
  const partner = await TestIssuer.start();
  const tenants = await TestIssuer.start();
  const unreachable = await TestIssuer.start();
  const elsewhere = await TestIssuer.start();
  unreachable.breakKeySet((response) => response.destroy());
  const keys = await Promise.all(algorithms.map((alg) => issuer.key(alg)));
  const rsa = await issuer.key();
  return {
    issuer,
    partner,
    tenants,
    unreachable,
    rsa,
    keys,
    partnerKey: await partner.key(),
    tenantsKey: await tenants.key(),
    unreachableKey: await unreachable.key(),
    stranger: await elsewhere.key(),
    good: issuer.mintWith(rsa),
    async [Symbol.asyncDispose]() {
      await Promise.all([issuer, partner, tenants, unreachable, elsewhere].map((each) => each.stop()));
    },
  };
}

/** Whom the guarded API trusts. */
export function issuersOf({ issuer, partner, tenants, unreachable }: World): Issuers {
  return {
    primary: issuer.issuer,
    partner: partner.issuer,
    tenants: tenants.issuer,
    unreachable: unreachable.issuer,
  };
}
