import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bearer } from '../../../../../lib/client/requests/schemes/bearer.js';

const origin = 'https://shop.example';

describe('the Bearer scheme', () => {
  it('presents a token in the Authorization header', () => {
    const attempt = { method: 'GET', url: new URL(origin), token: 'the-token' };
    expect(bearer.prepare(attempt)).toEqual({ Authorization: 'Bearer the-token' });
  });

  it.each([
    ['Bearer error="invalid_token"', 'rejected'],
    ['Bearer realm="api", error=invalid_token, error_description="expired"', 'rejected'],
    ['Basic realm="x", Bearer error="invalid_token"', 'rejected'],
    ['Bearer scope="" error="invalid_token" error_description="the token has expired"', 'rejected'],
    ['OAuth2 realm="WSO2 API Manager" error="invalid_token"', 'rejected'],
    ['oauth2 error=invalid_token', 'rejected'],
    ['Bearer', 'unexplained'],
    ['Bearer realm="service"', 'unexplained'],
    ['Bearer error="expired_token"', 'unexplained'],
    ['Bearer error="invalid_request"', 'unknown'],
    ['Basic realm="x", Bearer', 'unexplained'],
    ['Bearer error="insufficient_scope", Bearer error="invalid_token"', 'rejected'],
    ['Bearer error="insufficient_scope"', 'unknown'],
    ['Bearer error="Invalid_Token"', 'rejected'],
    ['Bearer error_description="invalid_token"', 'unexplained'],
    ['Basic error="invalid_token"', 'unknown'],
    ['DPoP error="invalid_token"', 'unknown'],
    ['Basic realm="Bearer error=invalid_token"', 'unknown'],
    ['', 'unchallenged'],
    [undefined, 'unchallenged'],
  ])('reads a 401 with the challenge %s as %s', (challenge, observed) => {
    expect(bearer.observe(origin, { status: 401, headers: { 'www-authenticate': challenge } })).toBe(observed);
  });

  it.each([
    { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
    { 'Www-Authenticate': ['Basic', 'Bearer error=invalid_token'] },
  ])('finds a challenge in any case of its name: %j', (headers) => {
    expect(bearer.observe(origin, { status: 401, headers })).toBe('rejected');
  });

  it('finds a challenge in headers of the web, and none if there are no headers', () => {
    const web = new Headers({ 'www-authenticate': 'Bearer error="invalid_token"' });
    expect(bearer.observe(origin, { status: 401, headers: web as never })).toBe('rejected');
    expect(bearer.observe(origin, { status: 401, headers: undefined as never })).toBe('unchallenged');
  });

  it.each([
    [200, 'accepted'],
    [304, 'accepted'],
    [403, 'accepted'],
    [404, 'accepted'],
    [500, 'unknown'],
    [503, 'unknown'],
  ])('reads the status %d as %s, whatever its challenge', (status, observed) => {
    const headers = { 'www-authenticate': 'Bearer error="invalid_token"' };
    expect(bearer.observe(origin, { status, headers })).toBe(observed);
  });
});

it('bearer.ts holds every Bearer literal of the client half', () => {
  const client = join(import.meta.dirname, '../../../../../lib/client');
  const holders = readdirSync(client, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.c?ts$/.test(path) && /['"`]bearer\b(?!\.js)/i.test(readFileSync(join(client, path), 'utf8')),
  );
  expect(holders).toEqual(['requests/schemes/bearer.ts']);
});
