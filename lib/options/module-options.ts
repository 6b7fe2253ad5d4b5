import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import type { M2MClientOptions } from './client-options.js';
import type { M2MHttpOptions } from '../http/http-options.js';
import type { M2MResourceServerOptions } from './resource-server-options.js';

/** What `M2MModule.forRoot` takes. Durations are in milliseconds. */
export interface M2MModuleOptions {
  /** Who issues tokens, for both halves. */
  authorizationServer?: AuthorizationServer | undefined;
  /** Outbound; absent in a service that only receives calls. */
  client?: M2MClientOptions | undefined;
  /** Inbound; absent in a service that only makes calls. */
  resourceServer?: M2MResourceServerOptions | undefined;
  /** How authorization servers are reached: token endpoint, discovery, key sets. */
  http?: M2MHttpOptions | undefined;
  /**
   * Plain HTTP origins that may be used although nothing encrypts them, as in a compose file or a mesh: each exactly as
   * in `http://keycloak:8080`, on a private network, and that of a URL in the options. Everybody on that network can
   * read tokens and, at an issuer's, forge callers. @default none
   */
  insecureOrigins?: readonly string[] | undefined;
}

/** What a class given as `useClass` or `useExisting` implements. */
export interface M2MOptionsFactory {
  /** Returns the options, or a promise of them. Called once, at the start. */
  createM2MOptions(): M2MModuleOptions | Promise<M2MModuleOptions>;
}
