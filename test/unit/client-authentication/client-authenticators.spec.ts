import { describe, expect, it } from '@jest/globals';
import { AssertionCallback } from '../../../lib/client-authentication/assertion-callback.js';
import { clientAssertion } from '../../../lib/client-authentication/client-assertion.js';
import type { ClientAuthenticator } from '../../../lib/client-authentication/client-authenticator.js';
import {
  authenticatorOf,
  CLIENT_AUTHENTICATORS,
  credentialCallbackOf,
} from '../../../lib/client-authentication/client-authenticators.js';
import { clientSecretPost } from '../../../lib/client-authentication/client-secret-post.js';
import { none } from '../../../lib/client-authentication/none.js';
import { CachedCredential } from '../../../lib/client-authentication/cached-credential.js';
import { TestClock } from '../../../lib/testing/test-clock.js';

const clock = new TestClock();
const madeUp: ClientAuthenticator = { ...CLIENT_AUTHENTICATORS.none, method: 'made_up', example: 'madeUp()' };

describe('CLIENT_AUTHENTICATORS', () => {
  it('holds every authenticator under the name of its method', () => {
    for (const [method, authenticator] of Object.entries(CLIENT_AUTHENTICATORS)) {
      expect(authenticator.method).toBe(method);
      expect(Object.isFrozen(authenticator)).toBe(true);
    }
    expect(Object.isFrozen(CLIENT_AUTHENTICATORS)).toBe(true);
  });
});

describe('authenticatorOf', () => {
  it('finds the authenticator of a method', () => {
    expect(authenticatorOf(clientSecretPost())).toBe(CLIENT_AUTHENTICATORS.client_secret_post);
  });

  it('finds an authenticator that it is given', () => {
    expect(authenticatorOf({ method: 'made_up' }, { made_up: madeUp })).toBe(madeUp);
  });

  it.each(['made_up', '', 'constructor', '__proto__', 'toString'])('throws for the unknown method %j', (method) => {
    expect(() => authenticatorOf({ method })).toThrow(
      `client.clientAuthentication has the method '${method}', which does not exist`,
    );
    expect(() => authenticatorOf({ method })).toThrow(
      /write: clientAuthentication: clientSecretBasic\(\) or .* or none\(\)/,
    );
  });
});

describe('credentialCallbackOf', () => {
  it.each([
    ['a secret for a method that needs one', clientSecretPost(), CachedCredential],
    ['an assertion for client_assertion', clientAssertion(() => 'a'), AssertionCallback],
  ])('makes a callback for %s', (_name, clientAuthentication, expected) => {
    const client = { clientAuthentication, clientSecret: () => 's' };
    expect(credentialCallbackOf(client, authenticatorOf(clientAuthentication), clock)).toBeInstanceOf(expected);
  });

  it('makes none for a method that takes neither', () => {
    const client = { clientAuthentication: none(), clientSecret: () => 's' };
    expect(credentialCallbackOf(client, authenticatorOf(none()), clock)).toBeUndefined();
  });
});
