import { Logger } from '@nestjs/common';
import { Subject } from 'rxjs';
import { EndpointResolver } from '../../authorization-servers/endpoint-resolver.js';
import { AuthorizationServerHttp } from '../../http/authorization-server-http.js';
import type { M2MModuleOptions } from '../../options/module-options.js';
import { resolveOptions } from '../../options/resolve-options.js';
import type { ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import type { Issuers } from '../../resource-server/authentication/issuers/issuers.js';
import { acceptIssuers } from '../../resource-server/authentication/jwt/accept-issuers.js';
import type { AcceptedIssuer } from '../../resource-server/authentication/jwt/accepted-issuer.js';
import { JwtAuthenticator } from '../../resource-server/authentication/jwt/jwt-authenticator.js';
import type { M2MResourceServerEvent } from '../../resource-server/events/m2m-resource-server-event.js';
import { M2MTokenVerifier } from '../../resource-server/m2m-token-verifier.js';
import { notConfigured } from '../../resource-server/not-configured.js';
import { systemClock, type Clock } from '../../time/clock.js';

/** What M2MGuard decides with, and what its decision is made of. */
export interface OpenGuard extends Disposable {
  readonly verifier: M2MTokenVerifier;
  readonly options: ResolvedResourceServerOptions;
  /** Those of the verifier. */
  readonly issuers: Issuers<AcceptedIssuer>;
  readonly clock: Clock;
}

/**
 * Puts the verifier of M2MGuard together as M2MModule does.
 *
 * @throws M2MConfigurationError for options that M2MModule would refuse
 */
export function openGuard(given: M2MModuleOptions): OpenGuard {
  // What it would log is what the command reports.
  Logger.overrideLogger(false);
  const clock = systemClock;
  const resolved = resolveOptions(given);
  const options = resolved.resourceServer ?? notConfigured();
  const http = new AuthorizationServerHttp(resolved.http, clock, resolved.insecureOrigins);
  const endpoints = new EndpointResolver((request) => http.request(request), clock);
  const events = new Subject<M2MResourceServerEvent>();
  const issuers = acceptIssuers(options, { http, endpoints, clock, events });
  const authenticators = [new JwtAuthenticator(issuers, options, clock)];
  const verifier = new M2MTokenVerifier(resolved, http, endpoints, clock, authenticators);
  return {
    verifier,
    options,
    issuers,
    clock,
    [Symbol.dispose](): void {
      verifier.onModuleDestroy();
      verifier.onApplicationShutdown();
      events.complete();
    },
  };
}
