import { afterAll, beforeAll } from '@jest/globals';
import { OIDC_PROVIDER, OidcProviderServer } from './oidc-provider/oidc-provider-server.js';
import { describeBothHalves } from './support/both-halves.js';

let server: OidcProviderServer;
beforeAll(async () => {
  server = await OidcProviderServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());

describeBothHalves(OIDC_PROVIDER, () => server);
