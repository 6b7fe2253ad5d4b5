import { describe, expect, it } from '@jest/globals';
import { oidc } from '../../../../../lib/authorization-servers/oidc.js';
import { authenticatorOf } from '../../../../../lib/client-authentication/client-authenticators.js';
import { mutualTls } from '../../../../../lib/client-authentication/tls-client-auth.js';
import { EndpointOutages } from '../../../../../lib/client/tokens/acquisition/endpoint-outages.js';
import type { M2MNamedClientOptions } from '../../../../../lib/options/client-options.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';
import { selfSignedCertificate } from '../../../../support/certificates.js';
import { resolvedClient } from '../../../../support/resolved-client.js';

const outages = new EndpointOutages(new TestClock());
const outageOf = (options: Partial<M2MNamedClientOptions>) => {
  const client = resolvedClient(options);
  return outages.of(client, authenticatorOf(client.clientAuthentication));
};
const server = (issuer: string, tokenEndpoint?: string) => ({
  authorizationServer: { ...oidc({ issuer }), tokenEndpoint },
});

describe('EndpointOutages', () => {
  it('has one for all clients of an endpoint, given or discovered', () => {
    const [a, b] = ['https://a.example.com', 'https://b.example.com'];
    const [token, other] = [`${a}/token`, `${a}/other`];
    expect(outageOf({ ...server(a), clientId: 'orders' })).toBe(outageOf({ ...server(a), clientId: 'billing' }));
    expect(outageOf(server(a, token))).toBe(outageOf(server(b, token)));
    const elsewhere = { authorizationServer: { ...oidc({ issuer: a }), metadataUrl: `${b}/metadata` } };
    const distinct = [server(a), server(b), server(a, token), server(a, other), elsewhere].map(outageOf);
    expect(new Set(distinct).size).toBe(5);
  });

  it('has another one for each client certificate', () => {
    const tls = (name: string) => {
      const clientAuthentication = mutualTls(selfSignedCertificate(name));
      return { ...server('https://a.example.com'), clientSecret: undefined, clientAuthentication };
    };
    const [orders, billing] = [tls('orders'), tls('billing')];
    expect(outageOf(orders)).toBe(outageOf(orders));
    expect(new Set([orders, billing, server('https://a.example.com')].map(outageOf)).size).toBe(3);
  });
});
