import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { JWT_BEARER } from '../../../lib/client-authentication/assertion.js';
import {
  clientAssertion,
  clientAssertionAuthenticator,
  clientAssertionFile,
} from '../../../lib/client-authentication/client-assertion.js';
import { authenticatedRequest } from '../../support/authenticated-request.js';

const folder = mkdtempSync(join(tmpdir(), 'nestjs-m2m-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('clientAssertion', () => {
  it('does not print its function', () => {
    const authentication = clientAssertion(() => 'an assertion');
    expect(inspect(authentication)).not.toContain('assertion:');
    expect(Object.keys(authentication)).toEqual(['method', 'type']);
    expect(Object.isFrozen(authentication)).toBe(true);
  });

  it('refuses an assertion in place of the function that returns it', () => {
    expect(() => clientAssertion('an.assertion.x' as never)).toThrow(
      'clientAuthentication.assertion is a string, not a function\n    write: clientAuthentication: clientAssertion(() => ',
    );
  });
});

describe('clientAssertionFile', () => {
  it('reads the file at every call, without white space around the assertion', async () => {
    const path = join(folder, 'token');
    const { assertion } = clientAssertionFile(path);
    writeFileSync(path, 'first\n');
    expect(await assertion()).toBe('first');
    writeFileSync(path, ' second ');
    expect(await assertion()).toBe('second');
  });

  it('rejects if there is no file', async () => {
    await expect(clientAssertionFile(join(folder, 'none')).assertion()).rejects.toHaveProperty('code', 'ENOENT');
  });
});

describe('clientAssertionAuthenticator', () => {
  it.each([
    ['RFC 7523 names', undefined, JWT_BEARER],
    ['the options name', 'urn:example:type', 'urn:example:type'],
  ])('sends the assertion with the type that %s', async (_name, type, expected) => {
    const authentication = clientAssertion(() => 'not called here', type);
    const request = { credential: 'an.assertion.x' };
    const { body, headers } = await authenticatedRequest(clientAssertionAuthenticator, authentication, request);
    expect(body).toEqual({
      client_id: 'orders',
      client_assertion: 'an.assertion.x',
      client_assertion_type: expected,
    });
    expect(headers).toEqual({});
  });

  it('has traits: it takes its credential from the function, and does not share failures', async () => {
    const traits = { needsSecret: false, sharesTokens: true, sharesFailures: false };
    expect(clientAssertionAuthenticator).toMatchObject(traits);
    const read = clientAssertionAuthenticator.assertionCallback?.(clientAssertion(() => 'it'));
    expect(await read?.()).toBe('it');
  });
});
