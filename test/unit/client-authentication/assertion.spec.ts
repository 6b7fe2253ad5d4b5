import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { presentAssertion, signAssertion } from '../../../lib/client-authentication/assertion.js';
import { TestClock } from '../../../lib/testing/test-clock.js';

const key = createSecretKey(Buffer.alloc(32));
const clock = new TestClock();
const request = {
  authentication: { method: 'made_up' },
  clientId: 'orders',
  credential: '',
  assertionAudience: 'https://id.example.com',
  tokenEndpoint: () => 'https://id.example.com//token',
  clock,
};

describe('signAssertion', () => {
  it('signs a JWT of the client for 60 seconds, by the given clock, and dates it back', async () => {
    const assertion = await signAssertion(request, key, { alg: 'HS256', kid: 'k' });
    const now = Math.floor(clock.wall() / 1000);
    expect(decodeJwt(assertion)).toEqual({
      iss: 'orders',
      sub: 'orders',
      aud: 'https://id.example.com',
      jti: expect.stringMatching(/^[\w-]{36}$/),
      iat: now - 10,
      exp: now + 50,
    });
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'HS256', kid: 'k' });
  });

  it('takes an audience in place of the one of the server', async () => {
    expect(decodeJwt(await signAssertion(request, key, { alg: 'HS256' }, 'https://other'))).toHaveProperty(
      'aud',
      'https://other',
    );
  });

  it('gives every JWT a jti of its own', async () => {
    const both = [
      await signAssertion(request, key, { alg: 'HS256' }),
      await signAssertion(request, key, { alg: 'HS256' }),
    ];
    expect(new Set(both.map((assertion) => decodeJwt(assertion).jti)).size).toBe(2);
  });
});

describe('presentAssertion', () => {
  it('replaces what the body holds already', async () => {
    const body = new URLSearchParams({ client_assertion: 'old', scope: 'read' });
    await presentAssertion('new', 'urn:type')({ issuer: 'https://x' }, { client_id: 'orders' }, body, new Headers());
    expect([...body]).toEqual([
      ['client_assertion', 'new'],
      ['scope', 'read'],
      ['client_id', 'orders'],
      ['client_assertion_type', 'urn:type'],
    ]);
  });
});
