import { describe, expect, it } from '@jest/globals';
import type { TokenErrorAnswer } from '../../../lib/authorization-servers/authorization-server.js';
import { servers, type ServerName } from '../../support/authorization-servers.js';

const FAILED =
  'Client authentication with client secret signed JWT failed: Signature on JWT token by client secret failed validation';

describe('wrongCredentials', () => {
  it.each<[ServerName, TokenErrorAnswer, boolean]>([
    ['oidc', { status: 403 }, true],
    ['oidc', { status: 400 }, false],
    ['oidc', { status: 503 }, false],
    ['oidc', { status: 403, error: 'access_denied' }, false],
    ['oidc', { status: 400, error: 'invalid_request', errorDescription: 'client secret has expired' }, true],
    ['oidc', { status: 400, error: 'invalid_request' }, false],
    ['oidc', { status: 400, error: 'unauthorized_client', errorDescription: FAILED }, true],
    ['oidc', { status: 400, error: 'unauthorized_client' }, false],
    ['keycloak', { status: 400, error: 'unauthorized_client', errorDescription: FAILED }, true],
    ['keycloak', { status: 400, error: 'unauthorized_client', errorDescription: 'Invalid grant type' }, false],
    ['keycloak', { status: 400, error: 'invalid_grant', errorDescription: FAILED }, false],
    ['keycloak', { status: 400, error: 'invalid_request', errorDescription: 'client secret has expired' }, false],
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
