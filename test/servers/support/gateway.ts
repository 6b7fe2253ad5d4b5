import { Controller, Get, Inject, UseGuards } from '@nestjs/common';
import type { CallerToken as Token } from '../../../lib/caller/caller-token.js';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { CallerToken } from '../../../lib/resource-server/authorization/decorators/caller-token.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import type { Clock } from '../../../lib/time/clock.js';
import { startGuardedApp } from '../../support/guarded-app.js';

/** What happens in a handler, and what it met. */
class Requests {
  /** Why calls to the shop failed. */
  readonly failures: unknown[] = [];

  /** @param meanwhile is awaited by each handler before it calls the shop */
  constructor(readonly meanwhile: () => Promise<void>) {}
}

@Controller()
@UseGuards(M2MGuard)
class GatewayController {
  constructor(
    @Inject(M2MClientService) private readonly m2m: M2MClientService,
    @Inject(Requests) private readonly requests: Requests,
  ) {}

  /** Calls the shop on behalf of the caller of this request. */
  @Get('on-behalf')
  onBehalf(): Promise<unknown> {
    return this.claims({});
  }

  /** Calls it on behalf of a caller whom the handler names. */
  @Get('on-behalf-of')
  onBehalfOf(@CallerToken() onBehalfOf: Token): Promise<unknown> {
    return this.claims({ m2m: { onBehalfOf } });
  }

  private async claims(config: { m2m?: { onBehalfOf: Token } }): Promise<unknown> {
    await this.requests.meanwhile();
    try {
      const { data } = await this.m2m.for('shop').axiosRef.get<unknown>('/claims', config);
      return data;
    } catch (error) {
      this.requests.failures.push(error);
      throw error;
    }
  }
}

/** A running application that calls the shop on behalf of its callers. */
export interface Gateway extends AsyncDisposable {
  readonly m2m: M2MClientService;
  /** The claims of the token that the shop got, or what the call to the shop failed with. */
  ask(path: 'on-behalf' | 'on-behalf-of', token: string): Promise<unknown>;
}

export interface GatewayOptions {
  readonly options: M2MModuleOptions;
  readonly meanwhile?: () => Promise<void>;
  readonly clock?: Clock | undefined;
}

/** Starts the gateway of a shop. */
export async function startGateway({
  options,
  meanwhile = () => Promise.resolve(),
  clock,
}: GatewayOptions): Promise<Gateway> {
  const requests = new Requests(meanwhile);
  const guarded = await startGuardedApp({
    options,
    controllers: [GatewayController],
    providers: [{ provide: Requests, useValue: requests }],
    ...(clock && { clock }),
  });
  return {
    m2m: guarded.app.get(M2MClientService),
    async ask(path, token) {
      const response = await fetch(`${guarded.url}/${path}`, { headers: { authorization: `Bearer ${token}` } });
      if (response.ok) return response.json();
      return requests.failures.pop() ?? `${response.status} of the gateway`;
    },
    [Symbol.asyncDispose]: () => guarded[Symbol.asyncDispose](),
  };
}
