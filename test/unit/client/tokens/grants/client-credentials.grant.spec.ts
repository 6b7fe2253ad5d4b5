import { describe, expect, it } from '@jest/globals';
import { clientCredentials } from '../../../../../lib/client/tokens/grants/client-credentials.grant.js';
import { asking } from '../../../../support/client-token-manager.js';
import { resolvedClient } from '../../../../support/resolved-client.js';

const { authorizationServer } = resolvedClient();

describe('clientCredentials', () => {
  it('makes a grant whose tokens are renewed ahead and shared', () => {
    expect(clientCredentials(authorizationServer, asking())).toMatchObject({
      grantType: 'client_credentials',
      renewsAhead: true,
      isShareable: true,
    });
  });

  it('has the parameters in the words of the server, without empty ones', () => {
    const request = asking({ audience: 'a', scope: 'x y', parameters: { empty: '', none: undefined, flag: false } });
    expect(clientCredentials(authorizationServer, request).parameters()).toEqual({
      audience: 'a',
      scope: 'x y',
      flag: false,
    });
  });
});
