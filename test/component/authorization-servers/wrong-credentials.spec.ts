import { describe, expect, it } from '@jest/globals';
import type { TokenErrorAnswer } from '../../../lib/authorization-servers/authorization-server.js';
import { servers, type ServerName } from '../../support/authorization-servers.js';

describe('wrongCredentials', () => {
  it.each<[ServerName, TokenErrorAnswer, boolean]>([
    ['oidc', { status: 403 }, true],
    ['oidc', { status: 400 }, false],
    ['oidc', { status: 503 }, false],
    ['oidc', { status: 403, error: 'access_denied' }, false],
    ['oidc', { status: 400, error: 'invalid_request', errorDescription: 'client secret has expired' }, true],
    ['oidc', { status: 400, error: 'invalid_request' }, false],
    ['logto', { status: 403 }, false],
    ['logto', { status: 400, error: 'invalid_request', errorDescription: 'client secret has expired' }, true],
    ['logto', { status: 400, error: 'invalid_request', errorDescription: 'Client secret has expired.' }, true],
    ['logto', { status: 400, error: 'invalid_request', errorDescription: 'resource is invalid' }, false],
    ['logto', { status: 400, error: 'invalid_request' }, false],
    ['logto', { status: 400, error: 'invalid_target', errorDescription: 'client secret has expired' }, false],
  ])('of %s, %j: %s', (name, answer, wrong) => {
    expect(servers[name].wrongCredentials?.(answer)).toBe(wrong);
  });
});
