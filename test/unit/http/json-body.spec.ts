import { describe, expect, it } from '@jest/globals';
import { jsonBody } from '../../../lib/http/json-body.js';

describe('jsonBody', () => {
  it('reads JSON after a byte order mark', () => {
    expect(jsonBody(Buffer.from('\uFEFF{"issuer":"https://id.example.com"}'))).toEqual({
      issuer: 'https://id.example.com',
    });
  });

  it.each(['', '<html></html>', '{"issuer":'])('is undefined for %j, which is no JSON', (text) => {
    expect(jsonBody(Buffer.from(text))).toBeUndefined();
  });
});
