import { describe, expect, it } from '@jest/globals';
import { isPrivateHost, isPrivatePlainHttp } from '../../../lib/http/private-host.js';

describe('isPrivateHost', () => {
  it.each([
    'http://keycloak:8080',
    'http://KEYCLOAK',
    'http://my-service_1:3000',
    'http://products.shop.svc',
    'http://products.shop.svc.cluster.local',
    'http://api.google.internal',
    'http://printer.local',
    'http://shop.localhost:3000',
    'http://localhost',
    'http://127.0.0.2',
    'http://10.1.2.3:8080',
    'http://172.16.0.1',
    'http://172.31.255.255',
    'http://192.168.1.1',
    'http://[fd00::1]:8080',
    'http://[::1]',
    'http://[::ffff:10.0.0.1]',
    'https://keycloak',
  ])('%s is on a private network', (url) => {
    expect(isPrivateHost(new URL(url))).toBe(true);
  });

  it.each([
    'http://shop.example',
    'http://shop.svc.example',
    'http://svc.evil.com',
    'http://evilsvc.com',
    'http://keycloak.',
    'http://10.example.com',
    'http://10.0.0.1.evil.com',
    'http://11.0.0.1',
    'http://172.32.0.1',
    'http://192.169.0.1',
    'http://169.254.169.254',
    'http://100.64.0.1',
    'http://0.0.0.0',
    'http://[::]',
    'http://[2001:db8::1]',
    'http://[fe80::1]',
    'http://[::ffff:8.8.8.8]',
    'http://keycloak@evil.com',
    'file:///keycloak',
  ])('%s is not known to be on a private network', (url) => {
    expect(isPrivateHost(new URL(url))).toBe(false);
  });

  it('is not enough for plain HTTP without the scheme of it', () => {
    expect(isPrivatePlainHttp(new URL('http://keycloak'))).toBe(true);
    expect(isPrivatePlainHttp(new URL('https://keycloak'))).toBe(false);
    expect(isPrivatePlainHttp(new URL('ws://keycloak'))).toBe(false);
  });
});
