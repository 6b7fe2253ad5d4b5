import { Controller, Get, UseGuards } from '@nestjs/common';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MOpenTelemetryModule } from '../../../lib/opentelemetry/index.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { TestAuthorizationServer } from '../../../lib/testing/test-authorization-server.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { freePort } from '../../support/free-port.js';
import { startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';
import { until } from '../../support/until.js';

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
  private readonly m2m: M2MClientService;

  private constructor(
    /** Host and port of its metrics. */
    readonly target: string,
    private readonly clock: TestClock,
    private readonly server: TestAuthorizationServer,
    private readonly provider: MeterProvider,
    private readonly running: GuardedApp,
  ) {
    this.m2m = running.app.get(M2MClientService);
  }

  /** Waits until what was counted so far is scraped: a series that begins between two scrapes shows no increase. */
  scraped: () => Promise<void> = () => Promise.resolve();

  static async start(): Promise<MonitoredApplication> {
    const clock = new TestClock();
    const clients = { orders: { secret: 'the-secret', tokenLifetime: 60 * MINUTE } };
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
    return new MonitoredApplication(`127.0.0.1:${port}`, clock, server, provider, running);
  }

  /** A token, calls with it, callers, and a renewal. @returns the answers to the callers */
  async work(): Promise<readonly number[]> {
    for (let each = 0; each < 5; each++) await this.m2m.getToken();
    const token = await this.#token();
    const answers = [await this.#call(token), await this.#call(token)];
    await this.scraped();
    await this.clock.advance(58 * MINUTE);
    await this.m2m.getToken();
    await until(() => this.m2m.stats().tokenRequests === 2);
    return [...answers, await this.#call(await this.#token())];
  }

  /** Callers with an expired token, and with too few scopes. @returns the answers to them */
  async refuse(): Promise<readonly number[]> {
    const expired = await this.#token({ expiresIn: -MINUTE });
    return [await this.#call(expired), await this.#call(await this.#token({ scope: 'write:products' }))];
  }

  /**
   * The authorization server is down: the last seconds of a token, keys that are old, then neither token nor keys.
   *
   * @returns the answers to callers, and the errors of the application's own calls
   */
  async loseServer(): Promise<readonly unknown[]> {
    await this.server.goDown();
    await this.clock.advance(59.9 * MINUTE);
    await this.m2m.getToken();
    await this.m2m.getToken();
    const onOldKeys = await this.#call(await this.#token());
    await this.scraped();
    await this.clock.advance(15 * MINUTE);
    const withoutKeys = await this.#call(await this.#token());
    const errors: unknown[] = [];
    for (let each = 0; each < 4; each++) {
      await this.m2m.getToken().catch((error: { code: unknown }) => errors.push(error.code));
      await this.m2m.retryNow();
    }
    return [onOldKeys, withoutKeys, ...new Set(errors)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running[Symbol.asyncDispose]();
    await this.provider.shutdown();
    await this.server.stop();
    metrics.disable();
  }

  #token(options: { readonly expiresIn?: number; readonly scope?: string } = {}): Promise<string> {
    return this.server.mint({ clientId: 'orders', expiresIn: 5 * MINUTE, scope: 'read:products', ...options });
  }

  async #call(token: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${this.running.url}/products`, { headers })).status;
  }
}
