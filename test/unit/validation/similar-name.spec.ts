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
    ['clientID', 'clientId'],
    ['client_id', 'clientId'],
    ['secret', 'clientSecret'],
    ['authorisationServer', 'authorizationServer'],
    ['tokenEndpont', 'tokenEndpoint'],
    ['tokenEndpointUrl', 'tokenEndpoint'],
    ['M2M_CLIENTID', 'M2M_CLIENT_ID'],
    ['realm', undefined],
    ['proxy', undefined],
  ])('takes %s for %s', (name, meant) => {
    expect(similarName(name, known)).toBe(meant);
  });
});
