import { describe, expect, it } from '@jest/globals';
import { similarName } from '../../../lib/validation/similar-name.js';

const known = [
  'clientId',
  'clientSecret',
  'scope',
  'resource',
  'authorizationServer',
  'tokenEndpoint',
  'M2M_CLIENT_ID',
];

describe('similarName', () => {
  it.each([
    ['scopes', 'scope'],
    ['socpe', 'scope'],
    ['csope', 'scope'],
    ['oscep', undefined],
    ['clientID', 'clientId'],
    ['client_id', 'clientId'],
    ['secret', 'clientSecret'],
    ['authorisationServer', 'authorizationServer'],
    ['tokenEndpont', 'tokenEndpoint'],
    ['tokenEndpointUrl', 'tokenEndpoint'],
    ['M2M_CLIENTID', 'M2M_CLIENT_ID'],
    ['realm', undefined],
    ['proxy', undefined],
    ['', undefined],
    ['\u5E97', undefined],
    ['scope'.repeat(21), undefined],
  ])('takes %s for %s', (name, meant) => {
    expect(similarName(name, known)).toBe(meant);
  });

  it('takes no name for one without letters', () => {
    expect(similarName('shop', ['\u5E97', '_'])).toBeUndefined();
  });
});
