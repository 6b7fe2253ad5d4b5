import {
  Global,
  Inject,
  Module,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
  type Provider,
} from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { EndpointResolver } from './authorization-servers/endpoint-resolver.js';
import { getM2MClientToken } from './client/inject-m2m-client.decorator.js';
import { getM2MHttpToken } from './client/inject-m2m-http.decorator.js';
import { M2MClientService } from './client/m2m-client.service.js';
import { OAuthClients } from './client/oauth-clients.js';
import { systemClock, type Clock } from './time/clock.js';
import { identifiedLogger, writesDebugLines } from './events/identified-logger.js';
import { LOG_IDS } from './events/log-ids.js';
import { M2MConfigurationError } from './errors/configuration.error.js';
import { AuthorizationServerHttp } from './http/authorization-server-http.js';
import { m2mConfig } from './m2m.config.js';
import { ConfigurableModuleClass, type ASYNC_OPTIONS_TYPE } from './m2m.module-definition.js';
import { actsForCallers } from './options/acts-for-callers.js';
import { effectiveOptions } from './options/effective-options.js';
import { M2M_CLOCK, M2M_MODULE_OPTIONS, M2M_RESOLVED_OPTIONS } from './options/injection-tokens.js';
import { readFeature, type M2MFeature } from './options/module-feature.js';
import type { M2MModuleOptions } from './options/module-options.js';
import { latestFromEnvironment } from './options/options-from-environment.js';
import { plainHttpWarnings } from './options/plain-http.js';
import { resourceMetadataWarnings } from './options/resource-metadata-warnings.js';
import { OptionsScope } from './options/options-scope.js';
import { resolveOptions } from './options/resolve-options.js';
import type { ResolvedOptions } from './options/resolved-options.js';
import { CallerContextMiddleware } from './resource-server/caller-contexts/caller-context.middleware.js';
import { HandlerCountInterceptor } from './resource-server/caller-contexts/handler-count.interceptor.js';
import { M2MGuard } from './resource-server/m2m.guard.js';
import { M2MHandlerAudit } from './resource-server/handler-audit/m2m-handler-audit.js';
import { M2MHandlers } from './resource-server/handler-audit/m2m-handlers.js';
import { M2MTokenVerifier } from './resource-server/m2m-token-verifier.js';
import { M2MStrategy } from './resource-server/m2m.strategy.js';
import { M2MResourceMetadataRoute } from './resource-server/resource-metadata/m2m-resource-metadata.route.js';

/** Options given as a factory, a class or a configuration of `@nestjs/config`. */
export type M2MModuleAsyncOptions = typeof ASYNC_OPTIONS_TYPE;

const foundation: Provider[] = [
  { provide: M2M_CLOCK, useValue: systemClock },
  {
    provide: M2M_RESOLVED_OPTIONS,
    inject: [ModulesContainer, { token: M2M_MODULE_OPTIONS, optional: true }],
    useFactory: (modules: ModulesContainer, options?: M2MModuleOptions) => {
      refuseTwice(modules);
      const given = options ?? withoutOptions();
      const resolved = resolveOptions(given);
      const logger = identifiedLogger('M2MModule');
      if (writesDebugLines()) {
        const lines = effectiveOptions(given, latestFromEnvironment());
        for (const line of lines) logger.debug(LOG_IDS.EFFECTIVE_OPTIONS, line);
      }
      for (const line of plainHttpWarnings(resolved)) logger.warn(LOG_IDS.PLAIN_HTTP, line);
      for (const [id, line] of resourceMetadataWarnings(resolved)) logger.warn(id, line);
      return resolved;
    },
  },
  {
    provide: AuthorizationServerHttp,
    inject: [M2M_RESOLVED_OPTIONS, M2M_CLOCK],
    useFactory: ({ http, insecureOrigins }: ResolvedOptions, clock: Clock) =>
      new AuthorizationServerHttp(http, clock, insecureOrigins),
  },
  {
    provide: EndpointResolver,
    inject: [AuthorizationServerHttp, M2M_CLOCK],
    useFactory: (http: AuthorizationServerHttp, clock: Clock) =>
      new EndpointResolver((request) => http.request(request), clock),
  },
];

const services = [M2MClientService, M2MTokenVerifier, M2MStrategy, M2MGuard, M2MHandlers];

/** Machine-to-machine OAuth 2.0: tokens for outbound calls, and a guard for inbound ones. Registered once, and global. */
@Global()
// The resolved options are exported because a guard is made in the module that uses it.
@Module({
  providers: [OptionsScope, ...foundation, OAuthClients, M2MHandlerAudit, M2MResourceMetadataRoute, ...services],
  exports: [...services, M2M_RESOLVED_OPTIONS, M2M_CLOCK],
})
export class M2MModule extends ConfigurableModuleClass implements NestModule {
  readonly #options: ResolvedOptions;

  /** @internal */
  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions,
    @Inject(ApplicationConfig) private readonly application: ApplicationConfig,
    @Inject(M2MResourceMetadataRoute) private readonly resourceMetadata: M2MResourceMetadataRoute,
  ) {
    super();
    this.#options = options;
  }

  /**
   * Registers the module with options known in the source.
   *
   * @throws M2MConfigurationError at start, with everything that is wrong with the options
   */
  static override forRoot(options: M2MModuleOptions): DynamicModule {
    return super.forRoot(options);
  }

  /**
   * Registers the module with options from a factory, a class (`createM2MOptions`) or `@nestjs/config`; with no
   * argument, from the `M2M_*` environment variables.
   *
   * @throws M2MConfigurationError at start, with everything that is wrong with the options
   */
  static override forRootAsync(options: M2MModuleAsyncOptions = m2mConfig.asProvider()): DynamicModule {
    return super.forRootAsync(options);
  }

  /**
   * Adds the route of the metadata of the resource, and keeps the tokens of callers if a target needs them. Nest calls it
   * before it makes its own routes.
   */
  configure(consumer: MiddlewareConsumer): void {
    // Nest calls it without the providers if the options are request-scoped, which stops the start a moment later.
    if (!(this.resourceMetadata as M2MResourceMetadataRoute | undefined)) return;
    this.resourceMetadata.add();
    if (!actsForCallers(this.#options)) return;
    consumer.apply(CallerContextMiddleware).forRoutes('{*splat}');
    this.application.useGlobalInterceptors(new HandlerCountInterceptor());
  }

  /**
   * Makes `@InjectM2MHttp(target)` and `@InjectM2MClient(client)` available in the importing module.
   *
   * @param feature the names of targets, or `{ targets, clients }`
   * @throws M2MConfigurationError for anything but lists of names; at start, for a name that the options do not have
   * @example
   * imports: [M2MModule.forFeature(['shop'])]
   * imports: [M2MModule.forFeature({ targets: ['shop'], clients: ['billing'] })]
   */
  static forFeature(feature: M2MFeature): DynamicModule {
    const { targets = [], clients = [] } = readFeature(feature);
    const providers = [
      ...targets.map((name) => provideFromClient(getM2MHttpToken(name), (client) => client.for(name))),
      ...clients.map((name) => provideFromClient(getM2MClientToken(name), (client) => client.client(name))),
    ];
    return { module: M2MFeatureModule, providers, exports: providers };
  }
}

class M2MFeatureModule {}

function provideFromClient(provide: string | symbol, useFactory: (client: M2MClientService) => unknown) {
  return { provide, useFactory, inject: [M2MClientService] };
}

function withoutOptions(): never {
  const problem = 'has no options, or a factory that returned none';
  const remedy =
    'imports: [M2MModule.forRoot({ ... })], once, in the root module\nimports: [M2MModule.forRootAsync()] to read them from the environment';
  throw new M2MConfigurationError({ option: 'imports: [M2MModule]', problem, remedy });
}

/** With two registrations, one would silently replace the other. */
function refuseTwice(modules: ModulesContainer): void {
  if ([...modules.values()].filter(({ metatype }) => metatype === M2MModule).length < 2) return;
  const problem = 'is in this application more than once';
  const remedy =
    'one M2MModule.forRoot in the root module, with further OAuth clients as client.clients\nM2MModule.forFeature([...]) in the others';
  throw new M2MConfigurationError({ option: 'M2MModule.forRoot', problem, remedy });
}
