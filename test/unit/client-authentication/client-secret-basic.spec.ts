import { describe, expect, it } from '@jest/globals';
import {
  clientSecretBasic,
  clientSecretBasicAuthenticator,
} from '../../../lib/client-authentication/client-secret-basic.js';
import { authenticatedRequest } from '../../support/authenticated-request.js';
import { basicCredentials } from '../../support/http-server.js';

const headerOf = async (clientId: string, credential: string, encoding?: 'form' | 'raw') => {
  const authentication = clientSecretBasic(encoding && { encoding });
  const request = { clientId, credential };
  const { headers, body } = await authenticatedRequest(clientSecretBasicAuthenticator, authentication, request);
  expect(body).toEqual({});
  return basicCredentials(headers);
};

describe('clientSecretBasic', () => {
  it('encodes client id and secret as a form unless it is told otherwise', () => {
    expect(clientSecretBasic()).toEqual({ method: 'client_secret_basic', encoding: 'form' });
  });

  it('returns a frozen object', () => {
    expect(Object.isFrozen(clientSecretBasic({ encoding: 'raw' }))).toBe(true);
  });
});

describe('clientSecretBasicAuthenticator', () => {
  it.each([
    ['reserved characters', 'a:b', 'p%s+/=&', 'a%3Ab:p%25s%2B%2F%3D%26'],
    ['spaces as a plus sign', 'a b', 'c d', 'a+b:c+d'],
    ["what encodeURIComponent leaves: !'()*", 'a', "!'()*", 'a:%21%27%28%29%2A'],
    ['text that is not ASCII', 'a', 'wörd', 'a:w%C3%B6rd'],
  ])('encodes %s by default', async (_name, id, secret, expected) => {
    expect(await headerOf(id, secret)).toBe(expected);
  });

  it('leaves unreserved characters as they are, for servers that decode nothing', async () => {
    expect(await headerOf('my-service_1.0~x', 'A-z_0.9~')).toBe('my-service_1.0~x:A-z_0.9~');
  });

  it('encodes nothing if the encoding is raw', async () => {
    expect(await headerOf('a:b', 'p%s +wörd', 'raw')).toBe('a:b:p%s +wörd');
  });

  it('has traits: it needs a secret, and shares tokens and failures', () => {
    const traits = { needsSecret: true, sharesTokens: true, sharesFailures: true };
    expect(clientSecretBasicAuthenticator).toMatchObject(traits);
    expect(clientSecretBasicAuthenticator.thumbprint).toBeUndefined();
  });
});
