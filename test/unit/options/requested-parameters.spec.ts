import { describe, expect, it } from '@jest/globals';
import { requestedParameters } from '../../../lib/options/requested-parameters.js';
import { noParameters, tokenParameters } from '../../../lib/options/token-parameters.js';

const base = tokenParameters(noParameters, { audience: 'https://shop', scope: 'read', parameters: { a: '1' } });

describe('requestedParameters', () => {
  it('replaces what is asked for field by field', () => {
    expect(requestedParameters(base, { scope: 'write read', resource: 'https://r', parameters: { b: '2' } })).toEqual({
      audience: 'https://shop',
      resource: ['https://r'],
      scope: ['read', 'write'],
      organization: undefined,
      parameters: { b: '2' },
    });
    expect(requestedParameters(base, {})).toEqual(base);
  });

  it.each([
    [{ scope: 'a"b' }, 'scope holds a character'],
    [{ audience: '' }, 'audience is an empty string'],
    [{ parameters: { client_secret: 'top-secret' } }, 'parameters.client_secret may not be set here'],
  ])('refuses %j', (request, message) => {
    expect(() => requestedParameters(base, request)).toThrow(message);
    expect(() => requestedParameters(base, request)).not.toThrow('top-secret');
  });
});
