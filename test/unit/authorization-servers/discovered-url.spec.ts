import { describe, expect, it } from '@jest/globals';
import { whyNotDiscoverable } from '../../../lib/authorization-servers/discovered-url.js';

const PUBLIC = { issuer: 'https://id.example.com' };
const LOOPBACK = { issuer: 'http://127.0.0.1:4710' };
const COMPOSE = { issuer: 'http://keycloak:8080/realms/acme' };
const INTERNAL = { ...PUBLIC, metadataUrl: 'http://keycloak:8080/metadata' };

describe('whyNotDiscoverable', () => {
  it.each([
    ['the same origin', PUBLIC, 'https://id.example.com/token'],
    ['another host over HTTPS', PUBLIC, 'https://tokens.example.com/token'],
    ['a private host over HTTPS', PUBLIC, 'https://keycloak:8443/token'],
    ['loopback for an issuer on loopback', LOOPBACK, 'http://127.0.0.1:4711/token'],
    ['HTTPS for an issuer on loopback', LOOPBACK, 'https://id.example.com/token'],
    ['the origin of a plain HTTP issuer', COMPOSE, 'http://keycloak:8080/token'],
    ['HTTPS for a plain HTTP issuer', COMPOSE, 'https://id.example.com/token'],
    ['the origin of the metadata', INTERNAL, 'http://keycloak:8080/token'],
    [
      'loopback at an origin of the options',
      { ...PUBLIC, jwksUri: 'http://127.0.0.1:8081/jwks' },
      'http://127.0.0.1:8081/token',
    ],
  ])('allows %s', (_name, server, url) => {
    expect(whyNotDiscoverable(new URL(url), server)).toBeUndefined();
  });

  it.each([
    ['plain HTTP', PUBLIC, 'http://id.example.com/token', 'is plain HTTP'],
    ['plain HTTP on a private network', PUBLIC, 'http://keycloak:8080/token', 'is plain HTTP'],
    [
      'plain HTTP at an origin of the options, for metadata that came over HTTPS',
      { ...PUBLIC, jwksUri: 'http://keycloak:8080/jwks' },
      'http://keycloak:8080/token',
      'is plain HTTP',
    ],
    ['another plain HTTP origin than the issuer', COMPOSE, 'http://products:3000/token', 'is plain HTTP'],
    ['another plain HTTP origin than the metadata', INTERNAL, 'http://products:3000/token', 'is plain HTTP'],
    ['loopback beside a plain HTTP issuer', COMPOSE, 'http://127.0.0.1/token', 'is on loopback, and the issuer is not'],
    [
      'loopback at another port than the options name',
      { ...PUBLIC, jwksUri: 'http://127.0.0.1:8081/jwks' },
      'http://127.0.0.1:8082/token',
      'is on loopback, and the issuer is not',
    ],
    ['a file', LOOPBACK, 'file:///etc/passwd', 'is no URL of HTTP'],
    ...[
      'http://127.0.0.1/token',
      'https://127.0.0.1/token',
      'http://127.1:8080',
      'https://localhost/token',
      'https://localhost./token',
      'https://id.localhost/token',
      'https://[::1]/token',
      'https://[::ffff:127.0.0.1]/token',
      'https://0.0.0.0/token',
      'https://[::]/token',
      'https://[::ffff:0.0.0.0]/token',
    ].map((url) => [url, PUBLIC, url, 'is on loopback, and the issuer is not'] as const),
  ])('refuses %s', (_name, server, url, why) => {
    expect(whyNotDiscoverable(new URL(url), server)).toBe(why);
  });
});
