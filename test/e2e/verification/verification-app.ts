import type { INestApplicationContext, Provider } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { EndpointResolver } from '../../../lib/authorization-servers/endpoint-resolver.js';
import { systemClock, type Clock } from '../../../lib/time/clock.js';
import { AuthorizationServerHttp } from '../../../lib/http/authorization-server-http.js';
import { M2M_CLOCK, M2M_RESOLVED_OPTIONS } from '../../../lib/options/injection-tokens.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { M2MStrategy } from '../../../lib/resource-server/m2m.strategy.js';

/** What verifies tokens, on a clock of the test's. */
export function verificationProviders(options: M2MModuleOptions, clock: Clock = systemClock): Provider[] {
  const http = new AuthorizationServerHttp({}, clock);
  return [
    { provide: M2M_CLOCK, useValue: clock },
    { provide: M2M_RESOLVED_OPTIONS, useFactory: () => resolveOptions(options) },
    { provide: AuthorizationServerHttp, useValue: http },
    { provide: EndpointResolver, useFactory: () => new EndpointResolver((request) => http.request(request), clock) },
    M2MStrategy,
    M2MTokenVerifier,
  ];
}

/** An application that has the inbound half without a guard. */
export async function verificationApp(
  options: M2MModuleOptions,
  clock: Clock = systemClock,
): Promise<INestApplicationContext & AsyncDisposable> {
  const module = await Test.createTestingModule({ providers: verificationProviders(options, clock) }).compile();
  module.useLogger(false);
  await module.init();
  return Object.assign(module, { [Symbol.asyncDispose]: () => module.close() });
}

/** What becomes of a token: its client, or the reason of its refusal. */
export async function fateOf(verifier: M2MTokenVerifier, token: string): Promise<string> {
  return verifier.verify(token).then(
    ({ clientId }) => clientId,
    (error: { reason?: string; code: string }) => error.reason ?? error.code,
  );
}
