import { EndpointResolver } from '../../lib/authorization-servers/endpoint-resolver.js';
import { M2MClientService } from '../../lib/client/m2m-client.service.js';
import { OAuthClients } from '../../lib/client/oauth-clients.js';
import { systemClock, type Clock } from '../../lib/time/clock.js';
import { AuthorizationServerHttp } from '../../lib/http/authorization-server-http.js';
import type { M2MClientOptions } from '../../lib/options/client-options.js';
import type { M2MModuleOptions } from '../../lib/options/module-options.js';
import { resolveOptions } from '../../lib/options/resolve-options.js';
import { json, TestHttpServer, type SeenRequest } from './http-server.js';

/** A token endpoint that numbers its tokens (`token-1`, `token-2`, ...) and remembers what they were asked for. */
export class TestTokenEndpoint implements AsyncDisposable {
  private constructor(private readonly server: TestHttpServer) {}

  /** @param lifetime seconds */
  static async start(lifetime = 3600): Promise<TestTokenEndpoint> {
    let issued = 0;
    const server = await TestHttpServer.start(async ({ body }, response) => {
      await endpoint.gate;
      if (endpoint.down) {
        response.destroy();
        return;
      }
      issued += 1;
      const scope = new URLSearchParams(body).get('scope') ?? '';
      json(response, 200, { access_token: `token-${issued}`, token_type: 'Bearer', expires_in: lifetime, scope });
    });
    const endpoint = new TestTokenEndpoint(server);
    return endpoint;
  }

  /** While true, connections are cut. */
  down = false;
  /** While set, answers wait for it. */
  gate: Promise<void> | undefined;

  get url(): string {
    return `${this.server.url}/token`;
  }

  /** The parameters of the token requests so far. */
  get asked(): readonly Record<string, string>[] {
    return this.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
  }

  get requests(): readonly SeenRequest[] {
    return this.server.requests;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server.stop();
  }
}

export const CLIENT_SECRET = 'the-secret-of-the-client';

/** An M2MClientService without a Nest application around it. */
export function callingService(
  endpoint: Pick<TestTokenEndpoint, 'url'>,
  client: Partial<M2MClientOptions>,
  clock: Clock = systemClock,
): M2MClientService {
  const options = {
    authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint: endpoint.url },
    client: { clientId: 'orders', clientSecret: CLIENT_SECRET, ...client },
  };
  return clientService(options, clock).m2m;
}

/** An M2MClientService of any options, with its OAuth clients and without a Nest application around it. */
export function clientService(options: M2MModuleOptions, clock: Clock = systemClock) {
  const resolved = resolveOptions(options);
  const http = new AuthorizationServerHttp(resolved.http, clock);
  const endpoints = new EndpointResolver((request) => http.request(request), clock);
  const clients = new OAuthClients(resolved, http, endpoints, clock);
  return { m2m: new M2MClientService(resolved, clients), clients, resolved };
}
