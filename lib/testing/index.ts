export type { Clock } from '../time/clock.js';
export { asMachine, type TestMachineOptions } from './as-machine.js';
export type { TokenRequestParameters } from './engine/dialect.js';
export { M2MTestGuard } from './m2m-test.guard.js';
export type { M2MTestingModuleOptions } from './m2m-testing-module-options.js';
export { M2MTestingModule } from './m2m-testing.module.js';
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
} from './options/test-authorization-server-options.js';
export { TestAuthorizationServer } from './test-authorization-server.js';
export { testCaller, type TestCallerOptions } from './test-caller.js';
export { TestClock } from './test-clock.js';
