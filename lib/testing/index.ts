export { TestAuthorizationServer } from './test-authorization-server.js';
export { TestClock } from './test-clock.js';
export type {
  TestAuthorizationServerOptions,
  TestClient,
  TestClientAuthenticationMethod,
  TestDialectName,
  TestEndpoint,
  TestFailure,
  TestQuota,
  TestRequest,
  TestTokenOptions,
} from './test-authorization-server-options.js';
