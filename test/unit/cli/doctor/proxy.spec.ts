import { describe, expect, it } from '@jest/globals';
import { checkProxy, proxyVariableFor } from '../../../../lib/cli/doctor/proxy.js';

const url = new URL('https://id.example.com/realms/a');
const HTTPS_PROXY = 'http://user:s3cret@proxy.example.com:3128';

describe('proxyVariableFor', () => {
  it.each<[Record<string, string>, string | undefined]>([
    [{}, undefined],
    [{ HTTPS_PROXY }, 'HTTPS_PROXY'],
    [{ HTTPS_PROXY, https_proxy: HTTPS_PROXY }, 'https_proxy'],
    [{ ALL_PROXY: HTTPS_PROXY }, 'ALL_PROXY'],
    [{ HTTP_PROXY: HTTPS_PROXY }, undefined],
    [{ HTTPS_PROXY, NO_PROXY: 'id.example.com' }, undefined],
    [{ HTTPS_PROXY, NO_PROXY: 'example.com' }, 'HTTPS_PROXY'],
    [{ HTTPS_PROXY, NO_PROXY: 'a, .example.com' }, undefined],
    [{ HTTPS_PROXY, NO_PROXY: '*.example.com' }, undefined],
    [{ HTTPS_PROXY, NO_PROXY: '*' }, undefined],
    [{ HTTPS_PROXY, no_proxy: 'ID.example.com:443' }, undefined],
    [{ HTTPS_PROXY, no_proxy: 'id.example.com:8443' }, 'HTTPS_PROXY'],
  ])('%j: %s', (environment, variable) => {
    expect(proxyVariableFor(url, environment)).toBe(variable);
  });

  it('leaves loopback and plain HTTP alone, as the module does', () => {
    expect(proxyVariableFor(new URL('https://127.0.0.1:8443'), { HTTPS_PROXY })).toBeUndefined();
    expect(proxyVariableFor(new URL('http://keycloak:8080'), { HTTPS_PROXY })).toBeUndefined();
  });
});

describe('checkProxy', () => {
  it('shows the host of a proxy, and not its password', () => {
    expect(checkProxy(url, { HTTPS_PROXY })).toMatchObject([
      { result: 'ok', seen: 'HTTPS_PROXY: proxy.example.com:3128' },
    ]);
  });

  it.each(['proxy.example.com:3128', 'socks5://proxy.example.com', 'http://'])('refuses %s', (proxy) => {
    expect(checkProxy(url, { HTTPS_PROXY: proxy })).toMatchObject([
      { result: 'wrong', finding: { remedy: 'HTTPS_PROXY=http://proxy.example.com:3128' } },
    ]);
  });
});
