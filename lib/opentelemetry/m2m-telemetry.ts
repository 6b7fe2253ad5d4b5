import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { metrics, trace } from '@opentelemetry/api';
import { M2MClientService } from '../client/m2m-client.service.js';
import { M2M_CLOCK, M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { M2MTokenVerifier } from '../resource-server/m2m-token-verifier.js';
import type { Clock } from '../time/clock.js';
import { observeClients, recordTokenRequests } from './client-metrics.js';
import { recordRenewals } from './renewal-spans.js';
import { observeResourceServer, recordVerifications } from './resource-server-metrics.js';

const SCOPE = 'nestjs-m2m';

/** The metrics and spans of an application. Totals are read when they are collected, and nothing is added to a call. */
@Injectable()
export class M2MTelemetry implements OnModuleInit, OnApplicationShutdown {
  readonly #options: ResolvedOptions;
  readonly #disposals: (() => void)[] = [];

  /** @internal */
  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions,
    @Inject(M2MClientService) private readonly client: M2MClientService,
    @Inject(M2MTokenVerifier) private readonly verifier: M2MTokenVerifier,
    @Inject(M2M_CLOCK) private readonly clock: Clock,
  ) {
    this.#options = options;
  }

  onModuleInit(): void {
    const { client, resourceServer } = this.#options;
    // The API keeps no place for a provider of meters that is registered later.
    const meter = metrics.getMeter(SCOPE);
    if (client) {
      const names = [...client.clients.keys()];
      const services = [this.client, ...names.map((name) => this.client.client(name))];
      this.#disposals.push(
        observeClients(meter, services, [undefined, ...names]),
        recordTokenRequests(meter, this.client.events$, new Set(names)),
        recordRenewals(trace.getTracer(SCOPE), this.client.events$, new Set(names)),
      );
    }
    if (resourceServer) {
      const servers = resourceServer.issuers.map(({ authorizationServer }) => authorizationServer);
      const issuers = new Set(servers.map(({ issuer }) => issuer));
      const fetched = servers.filter(({ jwks }) => typeof jwks !== 'object').map(({ issuer }) => issuer);
      this.#disposals.push(
        observeResourceServer(meter, this.verifier, new Set(fetched), this.clock),
        recordVerifications(meter, this.verifier.events$, issuers),
      );
    }
  }

  /** Not before: what is exported at the end has the last totals. */
  onApplicationShutdown(): void {
    for (const dispose of this.#disposals) dispose();
  }
}
