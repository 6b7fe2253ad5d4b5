import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { M2M_CLOCK, M2M_MODULE_OPTIONS, M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import { M2MModule } from '../m2m.module.js';
import type { M2MModuleOptions } from '../options/module-options.js';
import { checkNoOtherModule, checkOverride, checkTestingModuleOptions } from './check-wiring.js';
import type { M2MTestingModuleOptions } from './m2m-testing-module-options.js';
import { TestAuthorizationServer } from './test-authorization-server.js';
import { optionsFor, testedOptions } from './tested-options.js';

/** A class of its own: beside an application's M2MModule, this kit's error says what to do in a test. */
@Module({})
class TestedModule extends M2MModule {}

const STARTED_HERE = Symbol('nestjs-m2m:started-here');

/** The part of `@nestjs/testing`'s TestingModuleBuilder that is used. */
export interface OverridableBuilder {
  overrideProvider(token: unknown): {
    useFactory(options: { factory: (...args: never[]) => unknown; inject?: unknown[] }): unknown;
    useValue(value: unknown): unknown;
  };
}

/**
 * `M2MModule` against a {@link TestAuthorizationServer}: its clients, its tokens, its clock.
 *
 * @example
 * Test.createTestingModule({ imports: [M2MTestingModule.forRoot()], controllers: [ProductsController] })
 */
@Module({})
export class M2MTestingModule implements OnApplicationShutdown {
  constructor(
    @Inject(TestAuthorizationServer) private readonly server: TestAuthorizationServer,
    @Inject(STARTED_HERE) private readonly startedHere: boolean,
  ) {}

  /**
   * `M2MModule` for tests of a part of an application. A server that it starts stops with the application.
   *
   * @throws M2MConfigurationError at start, with what is wrong with the options, or beside an M2MModule
   */
  static forRoot(options: M2MTestingModuleOptions = {}): DynamicModule {
    const running = options?.server instanceof TestAuthorizationServer ? options.server : undefined;
    const providers: Provider[] = [
      {
        provide: TestAuthorizationServer,
        inject: [ModulesContainer],
        useFactory: (modules: ModulesContainer) => {
          checkTestingModuleOptions(options);
          // Before a server is started that nothing would stop.
          checkNoOtherModule(modules);
          return running ?? startServer(options);
        },
      },
      { provide: STARTED_HERE, useValue: !running },
    ];
    const m2m = TestedModule.forRootAsync({
      inject: [TestAuthorizationServer],
      useFactory: (server: TestAuthorizationServer) => optionsFor(server, options),
    });
    const wired = { ...m2m, providers: [...(m2m.providers ?? []), ...wiring] };
    return { module: M2MTestingModule, global: true, imports: [wired], providers, exports: [TestAuthorizationServer] };
  }

  /**
   * Points a whole application at a test server: its own options stay, but for its authorization servers and secrets.
   *
   * @example
   * M2MTestingModule.override(Test.createTestingModule({ imports: [AppModule] }), server).compile()
   * @returns the builder
   * @throws TypeError if the builder is none of Nest's, or the server does not run
   */
  static override<Builder extends OverridableBuilder>(builder: Builder, server: TestAuthorizationServer): Builder {
    checkOverride(builder, server);
    builder.overrideProvider(M2M_CLOCK).useValue(server.clock);
    builder.overrideProvider(M2M_RESOLVED_OPTIONS).useFactory({
      inject: [M2M_MODULE_OPTIONS],
      factory: (options: M2MModuleOptions) => testedOptions(server, options),
    });
    return builder;
  }

  /** Stops the server, if this module started it. */
  async onApplicationShutdown(): Promise<void> {
    if (this.startedHere) await this.server.stop();
  }
}

/** In place of M2MModule's own providers of these tokens. */
const wiring: Provider[] = [
  { provide: M2M_CLOCK, inject: [TestAuthorizationServer], useFactory: ({ clock }: TestAuthorizationServer) => clock },
  {
    provide: M2M_RESOLVED_OPTIONS,
    inject: [TestAuthorizationServer, M2M_MODULE_OPTIONS],
    useFactory: testedOptions,
  },
];

/** Its clients and resources are those of the options, unless others are given. */
function startServer({ server, client, resourceServer }: M2MTestingModuleOptions): Promise<TestAuthorizationServer> {
  const audience = [resourceServer?.audience ?? []].flat();
  const clientId = client?.clientId;
  return TestAuthorizationServer.start({
    ...(clientId !== undefined && { clients: { [clientId]: 'test-secret' } }),
    ...(audience.length > 0 && { resources: audience }),
    ...(server instanceof TestAuthorizationServer ? {} : server),
  });
}
