import { json, TestHttpServer, type SeenRequest } from './http-server.js';
import { TestIssuer } from './issuer.js';

const REALM = '/realms/acme';
const PROTOCOL = `${REALM}/protocol/openid-connect`;

/**
 * A Keycloak with `hostname` and `hostname-backchannel-dynamic`: its issuer has a fixed name, and its endpoints have the
 * name that was asked for. Its one client is `orders`, which may read `products`.
 */
export class ImitatedKeycloak implements AsyncDisposable {
  private constructor(
    private readonly keys: TestIssuer,
    private readonly http: TestHttpServer,
  ) {}

  /** @param hostname its public URL */
  static async start(hostname: string, ordersSecret: string): Promise<ImitatedKeycloak> {
    const keys = await TestIssuer.start();
    const issuer = hostname + REALM;
    const key = await keys.key('RS256');
    const http = await TestHttpServer.start(async ({ url, headers, body }, response) => {
      const asked = `http://${headers.host}`;
      if (url === `${REALM}/.well-known/openid-configuration`) {
        const endpoints = { token_endpoint: `${asked}${PROTOCOL}/token`, jwks_uri: `${asked}${PROTOCOL}/certs` };
        return json(response, 200, { issuer, authorization_endpoint: `${hostname}${PROTOCOL}/auth`, ...endpoints });
      }
      if (url === `${PROTOCOL}/certs`) return json(response, 200, { keys: [key.jwk] });
      if (url !== `${PROTOCOL}/token`) return response.writeHead(404).end();
      const form = new URLSearchParams(body);
      if (form.get('client_id') !== 'orders' || form.get('client_secret') !== ordersSecret) {
        return json(response, 401, { error: 'unauthorized_client' });
      }
      const access_token = await keys.mint({ ...claimsOfOrders, iss: issuer }, { typ: 'JWT' });
      return json(response, 200, { access_token, token_type: 'Bearer', expires_in: 300, scope: 'profile email' });
    });
    return new ImitatedKeycloak(keys, http);
  }

  get port(): number {
    return Number(new URL(this.http.url).port);
  }

  get requests(): readonly SeenRequest[] {
    return this.http.requests;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.http.stop();
    await this.keys.stop();
  }
}

const claimsOfOrders = {
  aud: ['products', 'account'],
  sub: 'f0e1',
  typ: 'Bearer',
  azp: 'orders',
  client_id: 'orders',
  scope: 'profile email',
  preferred_username: 'service-account-orders',
  resource_access: { products: { roles: ['read:products'] } },
};
