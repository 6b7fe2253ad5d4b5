import { Controller, Get, UseGuards } from '@nestjs/common';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MOpenTelemetryModule } from '../../../lib/opentelemetry/index.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import type { TestTokenOptions } from '../../../lib/testing/options/test-authorization-server-options.js';
import { TestAuthorizationServer } from '../../../lib/testing/test-authorization-server.js';
import type { Clock } from '../../../lib/time/clock.js';
import { freePort } from '../../support/free-port.js';
import { startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';

const MINUTE = 60_000;
const API = 'https://api.example.test';

@Controller('products')
@UseGuards(M2MGuard)
class ProductsController {
  @Get()
  @RequireScopes('read:products')
  list() {
    return [];
  }
}

/** An application with both halves, whose metrics Prometheus can scrape. */
export class MonitoredApplication implements AsyncDisposable {
  /** What it gets its tokens by. */
  readonly m2m: M2MClientService;

  private constructor(
    /** Host and port of its metrics. */
    readonly target: string,
    readonly server: TestAuthorizationServer,
    private readonly provider: MeterProvider,
    private readonly running: GuardedApp,
  ) {
    this.m2m = running.app.get(M2MClientService);
  }

  /** @param clock that of the application and of its authorization server @param tokenLifetime milliseconds */
  static async start(clock: Clock, tokenLifetime: number): Promise<MonitoredApplication> {
    const clients = { orders: { secret: 'the-secret', tokenLifetime } };
    const server = await TestAuthorizationServer.start({ clock, clients, resources: [API] });
    const port = await freePort();
    const provider = new MeterProvider({ readers: [new PrometheusExporter({ port, host: '127.0.0.1' })] });
    metrics.setGlobalMeterProvider(provider);
    const running = await startGuardedApp({
      options: {
        authorizationServer: server.authorizationServer,
        client: { clientId: 'orders', clientSecret: 'the-secret', retry: { attempts: 1 } },
        resourceServer: { audience: API, allowedClients: ['orders'] },
      },
      clock,
      imports: [M2MOpenTelemetryModule],
      controllers: [ProductsController],
    });
    return new MonitoredApplication(`127.0.0.1:${port}`, server, provider, running);
  }

  /** The token of a caller, which passes unless the options say otherwise. */
  token(options: TestTokenOptions = {}): Promise<string> {
    return this.server.mint({ clientId: 'orders', expiresIn: 5 * MINUTE, scope: 'read:products', ...options });
  }

  /** A caller with a token. @returns the status of the answer */
  async call(token: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${this.running.url}/products`, { headers })).status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running[Symbol.asyncDispose]();
    await this.provider.shutdown();
    await this.server.stop();
    metrics.disable();
  }
}
