import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { M2MClientService } from '../client/m2m-client.service.js';
import { M2M_CLOCK, M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { M2MTokenVerifier } from '../resource-server/m2m-token-verifier.js';
import type { Clock } from '../time/clock.js';
import { together, type HalfHealth } from './health.js';
import { keySetHealth } from './key-set-health.js';
import { tokenHealth } from './token-health.js';

/** How the indicator answers. */
export interface M2MHealthOptions {
  /**
   * Whether the status is `down` if a half is down. If not, it is `degraded`: without its authorization server no instance
   * works, and an orchestrator that takes all of them out makes it worse.
   *
   * @default false
   */
  readonly reportDown?: boolean | undefined;
}

/** What the indicator says beside its status: only words of this list. */
export interface M2MHealthData extends Record<string, unknown> {
  /** Outbound. Not there without `client` in the options. */
  readonly client?: HalfHealth;
  /** Inbound. Not there without `resourceServer` in the options. */
  readonly resourceServer?: HalfHealth;
  /** With the status `up`: on Nest 11, which has no status `degraded`. */
  readonly degraded?: true;
}

/**
 * Tells `@nestjs/terminus` whether tokens can be had and verified, for readiness. It answers from memory and sends no
 * request.
 *
 * Only tokens and issuers of the options count. Nothing that a caller sends and no tenant changes what it says.
 */
@Injectable()
export class M2MHealthIndicator {
  readonly #options: ResolvedOptions;

  /** @internal */
  constructor(
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(M2MClientService) private readonly client: M2MClientService,
    @Inject(M2MTokenVerifier) private readonly verifier: M2MTokenVerifier,
    @Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions,
    @Inject(M2M_CLOCK) private readonly clock: Clock,
  ) {
    this.#options = options;
  }

  /**
   * The health of both halves, by the words `up`, `degraded` and `down`.
   *
   * - `client`: degraded while renewals fail, down if a token could not be had and none is valid;
   * - `resourceServer`: degraded if key sets cannot be renewed, down if there are none that may be used.
   *
   * A half with several tokens or issuers is down only if nothing works. One that did not try for a minute is not down.
   *
   * @param key the name of the indicator in the answer
   * @example
   * health.check([() => m2m.isHealthy()])
   */
  isHealthy<const Key extends string = 'm2m'>(
    key: Key = 'm2m' as Key,
    { reportDown = false }: M2MHealthOptions = {},
  ): HealthIndicatorResult<Key> {
    const indicator = this.indicators.check(key);
    const halves = this.#halves();
    const status = together(Object.values(halves) as HalfHealth[]);
    if (reportDown && Object.values(halves).includes('down')) return indicator.down(halves);
    if (status === 'up') return indicator.up(halves);
    // Nest 11 knows no status but up and down.
    const { degraded } = indicator as Partial<typeof indicator>;
    return degraded ? indicator.degraded(halves) : indicator.up({ ...halves, degraded: true });
  }

  #halves(): M2MHealthData {
    const { client, resourceServer } = this.#options;
    return {
      ...(client && { client: this.#clientHealth(client.clients.keys()) }),
      ...(resourceServer && { resourceServer: this.#resourceServerHealth(resourceServer.keySet) }),
    };
  }

  /** @param names of the options */
  #clientHealth(names: Iterable<string>): HalfHealth {
    const time = this.clock.wall();
    const services = [this.client, ...Array.from(names, (name) => this.client.client(name))];
    return together(services.flatMap((each) => each.stats().tokens.map((token) => tokenHealth(token, time))));
  }

  #resourceServerHealth(keeping: Parameters<typeof keySetHealth>[1]): HalfHealth {
    const time = this.clock.wall();
    return together(this.verifier.stats().keySets.map((each) => keySetHealth(each, keeping, time)));
  }
}
