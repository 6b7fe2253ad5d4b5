import { describe, expect, it } from '@jest/globals';
import { issuerDifference } from '../../../../lib/cli/checks/issuer-difference.js';

describe('issuerDifference', () => {
  it.each([
    ['https://id.example.com', 'https://id.example.com/', 'the slash at its end, which is missing in the options'],
    ['https://id.example.com/', 'https://id.example.com', 'the slash at its end, which only the options have'],
    ['https://id.example.com/Shop', 'https://id.example.com/shop', 'capital and small letters'],
    ['https://id.example.com', 'http://id.example.com', 'the scheme: http:'],
    ['https://id.example.com:8443', 'https://id.example.com', 'the port: none'],
    ['http://id.example.com/a', 'http://id.example.com:8080/a', 'the port: 8080'],
    ['https://id.example.com/realms/a', 'https://id.example.com/realms/b', 'the path: /realms/b'],
    ['https://keycloak/realms/a', 'https://id.example.com/realms/a', 'the host: id.example.com'],
    ['https://id.example.com', 'https://id.example.com', undefined],
    ['https://id.example.com', 'https://other.example.com', undefined],
    ['https://id.example.com', 'no URL', undefined],
  ])('%s and %s: %s', (configured, found, difference) => {
    expect(issuerDifference(configured, found)).toBe(difference);
  });
});
