import type { Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { M2MTestingModule, TestAuthorizationServer, TestClock } from '../../../lib/testing/index.js';
import { blockWith, CodeRunner } from '../../support/documentation.js';

/** Milliseconds. */
export const LIFETIME = 600_000;
const AUDIENCE = 'https://events.example.com';

/** An application with a recipe of docs/brokers.md, and the authorization server of its broker. */
export class BrokerApplication<Client> implements AsyncDisposable {
  private constructor(
    readonly clock: TestClock,
    readonly server: TestAuthorizationServer,
    private readonly module: TestingModule,
    /** What the recipe makes. */
    readonly client: Client,
    private readonly runner: CodeRunner,
  ) {}

  /** @param replacements texts of this test, by those of the recipe */
  static async start<Client>(name: string, replacements: Record<string, string>): Promise<BrokerApplication<Client>> {
    const clock = new TestClock();
    const server = await TestAuthorizationServer.start({
      clients: { orders: { secret: 'the-secret-of-orders', tokenLifetime: LIFETIME } },
      resources: [AUDIENCE],
      clock,
    });
    const runner = new CodeRunner();
    const recipe = await runner.run<Record<string, Type<Client>>>(
      name,
      blockWith('docs/brokers.md', `class ${name}`),
      replacements,
    );
    const Recipe = recipe[name];
    if (!Recipe) throw new Error(`the recipe exports no ${name}`);
    const client = { renewal: { jitter: 0 }, retry: { attempts: 1 }, targets: { events: { url: AUDIENCE } } };
    const module = await Test.createTestingModule({
      imports: [M2MTestingModule.forRoot({ server, client, resourceServer: { audience: AUDIENCE } })],
      providers: [Recipe],
    }).compile();
    module.useLogger(false);
    await module.init();
    return new BrokerApplication(clock, server, module, module.get(Recipe), runner);
  }

  /** Shuts the application down. */
  close(): Promise<void> {
    return this.module.close();
  }

  get m2m(): M2MClientService {
    return this.module.get(M2MClientService);
  }

  get verifier(): M2MTokenVerifier {
    return this.module.get(M2MTokenVerifier);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.module.close();
    await this.server.stop();
    this.runner[Symbol.dispose]();
  }
}

/** The same token with another signature. */
export function forged(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return [header, payload, signature.split('').toReversed().join('')].join('.');
}
