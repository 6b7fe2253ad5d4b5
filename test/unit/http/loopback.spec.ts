import { describe, expect, it } from '@jest/globals';
import { isConfidential, isLoopback } from '../../../lib/http/loopback.js';

describe('isLoopback', () => {
  it.each([
    'http://127.0.0.1',
    'http://127.255.255.254:8080/path',
    'http://127.1',
    'http://0x7f.1',
    'http://2130706433',
    'http://017700000001',
    'http://127.0.0.1.',
    'http://[::1]:3000',
    'http://[0:0:0:0:0:0:0:1]',
    'http://[::ffff:127.0.0.1]',
    'http://localhost',
    'https://LOCALHOST:8443',
  ])('%s is this machine', (url) => {
    expect(isLoopback(new URL(url))).toBe(true);
  });

  it.each([
    'http://localhost.',
    'http://foo.localhost',
    'http://localhost.evil.test',
    'http://127.0.0.1.evil.test',
    'http://evil.test/?127.0.0.1',
    'http://evil.test#localhost',
    'http://localhost@evil.test',
    'http://127.0.0.1:80@evil.test',
    'http://128.0.0.1',
    'http://0.0.0.0',
    'http://10.0.0.1',
    'http://[::]',
    'http://[::127.0.0.1]',
    'http://[::ffff:128.0.0.1]',
    'http://[fe80::1]',
    'file:///localhost',
  ])('%s is not known to be this machine', (url) => {
    expect(isLoopback(new URL(url))).toBe(false);
  });
});

describe('isConfidential', () => {
  it.each([
    ['https://id.example.test', true],
    ['https://127.0.0.1', true],
    ['http://127.0.0.1:4710', true],
    ['http://localhost', true],
    ['http://id.example.test', false],
    ['http://127.0.0.1.evil.test', false],
    ['ftp://127.0.0.1', false],
    ['ws://localhost', false],
    ['file:///etc/passwd', false],
    ['data:text/plain,https://', false],
  ])('%s: %s', (url, confidential) => {
    expect(isConfidential(new URL(url))).toBe(confidential);
  });
});
