import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ExternalContextCreator, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { M2MConfigurationError, type ConfigurationProblem } from '../../errors/configuration.error.js';
import { M2M_RESOLVED_OPTIONS } from '../../options/injection-tokens.js';
import type { ResolvedOptions } from '../../options/resolved-options.js';
import { M2MGuard } from '../m2m.guard.js';
import { HandlerConditionsReader } from '../authorization/handler-conditions.reader.js';
import { conditionProblems } from './condition-problems.js';
import { coverageProblems } from './coverage-problems.js';
import { declaredClasses, type DeclaredClass } from './declared-classes.js';
import { applicationConfig, GuardCoverage } from './guard-coverage.js';
import { ReplacedHandlers } from './replaced-handlers.js';
import { RequestScopedHandlersGuard } from './request-scoped-handlers.guard.js';

/** Stops the start of an application whose routes have conditions that would not hold. */
@Injectable()
export class M2MHandlerAudit implements OnModuleInit {
  // Private to the language, too: both lead to the options of the application, which nothing should print.
  readonly #modules: ModulesContainer;
  readonly #contexts: ExternalContextCreator;

  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(ExternalContextCreator) contexts: ExternalContextCreator,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    @Inject(M2MGuard) private readonly guard: M2MGuard,
  ) {
    this.#modules = modules;
    this.#contexts = contexts;
  }

  /** @throws M2MConfigurationError with everything that is wrong */
  onModuleInit(): void {
    const classes = declaredClasses(this.#modules);
    const { resourceServer } = this.options;
    const issuers = resourceServer ? resourceServer.issuers.map((each) => each.authorizationServer.issuer) : [];
    const problems = [
      ...classes.flatMap((each) => conditionProblems(each, issuers)),
      ...this.guardProblems(this.hasRequests ? classes : classes.map(messageHandlers)),
    ];
    if (problems.length > 0) throw new M2MConfigurationError(problems);
  }

  private get hasRequests(): boolean {
    return Boolean(this.adapterHost.httpAdapter);
  }

  private guardProblems(classes: readonly DeclaredClass[]): ConfigurationProblem[] {
    const { resourceServer } = this.options;
    const config = applicationConfig(this.#contexts);
    const coverage = new GuardCoverage(config, this.guard, this.hasRequests);
    const reader = new HandlerConditionsReader(resourceServer ? resourceServer.publicControllers : []);
    const replaced = new ReplacedHandlers(coverage, reader);
    const scoped = classes.filter(
      ({ controllers, methods }) =>
        controllers.some((each) => !each.isDependencyTreeStatic()) &&
        methods.some(({ handler }) => coverage.isOnMethod(handler)),
    );
    if (scoped.length > 0) config.useGlobalGuards(new RequestScopedHandlersGuard(scoped, replaced));
    return [
      ...coverageProblems(classes, coverage, reader, resourceServer),
      ...classes.flatMap((each) => replaced.problems(each)),
    ];
  }
}

/** What of a class is within reach where nothing is served over HTTP. */
function messageHandlers(declared: DeclaredClass): DeclaredClass {
  return { ...declared, methods: declared.methods.filter(({ transports }) => transports.includes('message')) };
}
