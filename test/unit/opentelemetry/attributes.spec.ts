import { describe, expect, it } from '@jest/globals';
import { TokenEndpointError } from '../../../lib/errors/token-endpoint.error.js';
import { clientAttributes, errorAttributes, issuerAttributes } from '../../../lib/opentelemetry/attributes.js';

const names = new Set(['billing']);

describe('attributes', () => {
  it('name what the options name, and nothing else (claim 2.7)', () => {
    expect([undefined, 'billing', 'tenant-7'].map((client) => clientAttributes(client, names))).toEqual([
      {},
      { 'm2m.client': 'billing' },
      { 'm2m.client': 'dynamic' },
    ]);
    expect(['billing', 'https://tenant.test'].map((issuer) => issuerAttributes(issuer, names))).toEqual([
      { 'm2m.issuer': 'billing' },
      { 'm2m.issuer': 'dynamic' },
    ]);
  });

  it('have the code of an error only if it is one that token requests fail with (claim 2.7)', () => {
    const known = new TokenEndpointError('the secret');
    // As an error of another copy of the package, which may be newer.
    const newer = Object.assign(new TokenEndpointError('the secret'), { code: 'ERR_M2M_the-secret' });
    const theirs = Object.assign(new Error('the secret'), { code: 'the-secret', name: 'the-secret' });
    expect([known, newer, theirs].map((error) => errorAttributes(error)['error.type'])).toEqual([
      'ERR_M2M_TOKEN_ENDPOINT',
      '_OTHER',
      '_OTHER',
    ]);
  });
});
