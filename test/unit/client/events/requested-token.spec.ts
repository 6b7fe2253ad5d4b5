import { expect, it } from '@jest/globals';
import { requestedToken, inWords } from '../../../../lib/client/events/requested-token.js';
import { asking } from '../../../support/client-token-manager.js';

it.each([
  [{}, 'nothing in particular'],
  [{ audience: 'a', scope: 'x y' }, 'audience a, scope x y'],
  [{ resource: ['r', 's'], organization: 'o' }, 'resource r s, organization o'],
])('says what a token is requested for: %j', (options, words) => {
  expect(inWords(requestedToken(asking(options)))).toBe(words);
});

it('leaves out further parameters', () => {
  expect(requestedToken(asking({ parameters: { login_hint: 'x' } }))).not.toHaveProperty('parameters');
});
