import type { M2MClientOptions } from '../options/client-options.js';
import type { M2MResourceServerOptions } from '../options/resource-server-options.js';
import type { TestAuthorizationServerOptions } from './options/test-authorization-server-options.js';
import type { TestAuthorizationServer } from './test-authorization-server.js';

/** What `M2MTestingModule.forRoot` takes. */
export interface M2MTestingModuleOptions {
  /** A server that runs already, or how to start one that ends with the application. @default {} */
  server?: TestAuthorizationServer | TestAuthorizationServerOptions | undefined;
  /** Outbound. @default the server's first client, asking for a token of its first resource */
  client?: Partial<M2MClientOptions> | undefined;
  /** Inbound. @default the audience is the server's resources */
  resourceServer?: Partial<M2MResourceServerOptions> | undefined;
}
