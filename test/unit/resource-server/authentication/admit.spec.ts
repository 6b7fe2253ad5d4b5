import { describe, expect, it } from '@jest/globals';
import { VerifiedCaller } from '../../../../lib/caller/verified-caller.js';
import type { AuthenticatedToken } from '../../../../lib/resource-server/authentication/access-token-authenticator.js';
import { admit, type Presentation } from '../../../../lib/resource-server/authentication/admit.js';

const read = { clientId: 'orders', scopes: [], audience: [], kind: 'machine' } as const;
const caller = new VerifiedCaller('https://as.test', read, undefined, 0, '{}');

function admitted(confirmation: unknown, presentation: Partial<Presentation> = {}): unknown {
  const rest = { jti: undefined, issuedAt: undefined, isStillValid: () => true };
  const token: AuthenticatedToken = { caller, acceptedUntil: 1000, confirmation, ...rest };
  const plain = { scheme: 'Bearer', proofThumbprint: undefined, certificateThumbprint: undefined, time: 0 } as const;
  try {
    return admit(token, { ...plain, ...presentation });
  } catch (error) {
    return (error as { reason: string }).reason;
  }
}

const proof = { scheme: 'DPoP', proofThumbprint: 'p' } as const;
const certificate = { certificateThumbprint: 'c' } as const;

function expiringAt(expiresAt: number): AuthenticatedToken {
  const named = new VerifiedCaller('https://as.test', read, undefined, expiresAt, '{}');
  const rest = { confirmation: undefined, jti: undefined, issuedAt: undefined, isStillValid: () => true };
  return { caller: named, acceptedUntil: 100_000, ...rest };
}

describe('admit (claim 3.6)', () => {
  it('lets in a token that is bound to nothing', () => {
    expect(admitted(undefined)).toBe(caller);
    expect(admitted(undefined, certificate)).toBe(caller);
  });

  it('refuses a token from the millisecond on at which it is no longer accepted', () => {
    expect(admitted(undefined, { time: 999 })).toBe(caller);
    expect(admitted(undefined, { time: 1000 })).toBe('expired');
  });

  it('says by how much a token has expired, or is too old although it has not', () => {
    const late = {
      scheme: 'Bearer',
      proofThumbprint: undefined,
      certificateThumbprint: undefined,
      time: 280_000,
    } as const;
    expect(() => admit(expiringAt(95_000), late)).toThrow(
      'the token expired 3 min ago; if it is new, check the clocks of this',
    );
    expect(() => admit(expiringAt(300_000), late)).toThrow(
      expect.objectContaining({ reason: 'too-old', message: 'the token is 3 min older than maxTokenAge allows' }),
    );
  });

  it.each([
    ['a key', { jkt: 'p' }, proof],
    ['a certificate', { 'x5t#S256': 'c' }, certificate],
    ['both', { jkt: 'p', 'x5t#S256': 'c' }, { ...proof, ...certificate }],
  ])('lets in a token that is bound to %s that the request shows', (_what, confirmation, presentation) => {
    expect(admitted(confirmation, presentation)).toBe(caller);
  });

  it.each([
    ['a key, without any', { jkt: 'p' }, {}],
    ['a key, with a proof that does not count', { jkt: 'p' }, { ...proof, scheme: 'Bearer' as const }],
    ['another key', { jkt: 'other' }, proof],
    ['a certificate, without any', { 'x5t#S256': 'c' }, {}],
    ['another certificate', { 'x5t#S256': 'other' }, certificate],
    ['a certificate and another key', { jkt: 'other', 'x5t#S256': 'c' }, { ...proof, ...certificate }],
    ['a key and another certificate', { jkt: 'p', 'x5t#S256': 'other' }, { ...proof, ...certificate }],
    ['a key, and more that is not understood', { jkt: 'p', kid: 'a' }, proof],
    ['something that is not understood', { jwk: {} }, { ...proof, ...certificate }],
    ['no text', { jkt: undefined }, { scheme: 'DPoP' as const }],
    ['nothing that it names', {}, certificate],
    ['null', null, certificate],
    ['a text', 'p', proof],
  ])('refuses a token that is bound to %s', (_what, confirmation, presentation) => {
    expect(admitted(confirmation, presentation)).toBe('sender-constrained');
  });

  it.each([
    ['nothing', undefined],
    ['a certificate alone', { 'x5t#S256': 'c' }],
  ])('refuses a token that comes as DPoP and is bound to %s', (_what, confirmation) => {
    expect(admitted(confirmation, { ...proof, ...certificate })).toBe('sender-constrained');
  });
});
