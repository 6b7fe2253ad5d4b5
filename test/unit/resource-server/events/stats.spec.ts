import { expect, it } from '@jest/globals';
import { InvalidTokenError, type InvalidTokenReason } from '../../../../lib/errors/invalid-token.error.js';
import { ResourceServerCounts } from '../../../../lib/resource-server/events/stats.js';

it('ResourceServerCounts has names from fixed lists only: an unknown reason counts as claims, and an issuer of a token does not count', () => {
  const counts = new ResourceServerCounts(['https://as.test']);
  const before = counts.snapshot(0);
  for (const reason of ['own reason', '__proto__', 'constructor']) {
    counts.count({ type: 'token-refused', error: new InvalidTokenError(reason as InvalidTokenReason, '') }, 0);
  }
  counts.count({ type: 'key-set-failed', issuer: 'https://tenant.test', error: new Error() }, 0);
  counts.count({ type: 'key-set-fetched', issuer: 'https://tenant.test', keys: ['1'], withdrawn: [] }, 0);
  expect(counts.snapshot(0)).toEqual({ ...before, refused: { ...before.refused, claims: 3 } });
  expect(before.keySets).toEqual([
    { issuer: 'https://as.test', keys: 0, fetchedAt: undefined, failures: 0, failedAt: undefined },
  ]);
});
