import { describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { testAudience, TestIssuer } from '../../support/issuer.js';

describe('TestIssuer', () => {
  const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

  it.each(algorithms)('mints tokens that jose verifies: %s', async (alg) => {
    await using issuer = await TestIssuer.start();
    const token = await issuer.mint({ extra: 1 }, {}, alg);
    const keySet = (await (await fetch(issuer.jwksUri)).json()) as JSONWebKeySet;
    const { payload } = await jwtVerify(token, createLocalJWKSet(keySet), {
      issuer: issuer.issuer,
      audience: testAudience,
      algorithms: [alg],
      typ: 'at+jwt',
    });
    expect(payload['extra']).toBe(1);
  });

  it('publishes a new key and withdraws the old one', async () => {
    await using issuer = await TestIssuer.start({ path: '/tenant' });
    const old = await issuer.key();
    const fresh = await issuer.rotate();
    const { keys } = (await (await fetch(issuer.jwksUri)).json()) as JSONWebKeySet;
    expect(keys.map(({ kid }) => kid)).toEqual([fresh.kid]);
    expect(old.kid).not.toBe(fresh.kid);
    expect(issuer.keySetRequests).toBe(1);
  });
});
