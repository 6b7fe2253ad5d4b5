import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { EndpointResolver } from '../../../lib/authorization-servers/endpoint-resolver.js';
import { AuthorizationServerHttp } from '../../../lib/http/authorization-server-http.js';
import { M2M_RESOLVED_OPTIONS } from '../../../lib/options/injection-tokens.js';
import type { ResolvedOptions, ResolvedResourceServerOptions } from '../../../lib/options/resolved-options.js';
import { IntrospectionAuthenticator } from '../../../lib/resource-server/authentication/introspection/introspection-authenticator.js';
import type { M2MIntrospectionOptions } from '../../../lib/options/introspection-options.js';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import type { TestAuthorizationServerOptions } from '../../../lib/testing/index.js';
import { TestAuthorizationServer } from '../../../lib/testing/test-authorization-server.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { fateOf, verificationApp } from '../../e2e/verification/verification-app.js';

/** The client as which the resource server of a scene asks about tokens. */
export const products = { clientId: 'products-api', clientSecret: 'products-secret' } as const;

/** A resource server that asks a test server about tokens. */
export class IntrospectionScene implements AsyncDisposable {
  private constructor(
    readonly clock: TestClock,
    readonly server: TestAuthorizationServer,
    private readonly app: Awaited<ReturnType<typeof verificationApp>>,
  ) {}

  static async set(
    introspection: Partial<M2MIntrospectionOptions> = {},
    resourceServer: Partial<M2MResourceServerOptions> = {},
    serverOptions: TestAuthorizationServerOptions = {},
    adapt = (server: AuthorizationServer): AuthorizationServer => server,
  ): Promise<IntrospectionScene> {
    const clock = new TestClock();
    const clients = {
      orders: { secret: 'orders-secret', tokenFormat: 'opaque' as const },
      'products-api': 'products-secret',
    };
    const server = await TestAuthorizationServer.start({
      clock,
      clients,
      resources: ['api'],
      signingAlg: 'ES256',
      ...serverOptions,
    });
    const authorizationServer = adapt(server.authorizationServer);
    const options = { audience: 'api', introspection: { ...products, ...introspection }, ...resourceServer };
    const app = await verificationApp(
      { authorizationServer, resourceServer: options as M2MResourceServerOptions },
      clock,
    );
    return new IntrospectionScene(clock, server, app);
  }

  get verifier(): M2MTokenVerifier {
    return this.app.get(M2MTokenVerifier);
  }

  /** An authenticator of its own, without the cache of the verifier. @param sent what sends its requests */
  authenticator(sent?: Pick<AuthorizationServerHttp, 'request' | 'httpsAgent'>): IntrospectionAuthenticator {
    const { clock, app } = this;
    const { resourceServer } = app.get<ResolvedOptions>(M2M_RESOLVED_OPTIONS);
    const http = sent ?? app.get<AuthorizationServerHttp>(AuthorizationServerHttp);
    const endpoints = app.get(EndpointResolver);
    return new IntrospectionAuthenticator(resourceServer as ResolvedResourceServerOptions, { http, endpoints, clock });
  }

  /** How often the server was asked about a token. */
  get asked(): number {
    return this.server.requests('introspection').length;
  }

  failureOf(token: string): Promise<Error> {
    return this.verifier.verify(token).then(
      () => {
        throw new Error('the token was accepted');
      },
      (error: Error) => error,
    );
  }

  fate(token: string): Promise<string> {
    return fateOf(this.verifier, token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.server.stop();
  }
}
