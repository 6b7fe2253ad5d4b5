import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ExternalContextCreator, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { M2MConfigurationError } from '../../../errors/configuration.error.js';
import { M2M_RESOLVED_OPTIONS } from '../../../m2m.module-definition.js';
import type { ResolvedOptions } from '../../../options/resolved-options.js';
import { M2MGuard } from '../m2m.guard.js';
import { conditionProblems } from './condition-problems.js';
import { coverageProblems } from './coverage-problems.js';
import { declaredClasses } from './declared-classes.js';
import { GuardCoverage } from './guard-coverage.js';

/** Stops the start of an application whose routes have conditions that would not hold. */
@Injectable()
export class M2MRouteCheck implements OnModuleInit {
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
      // Where nothing is served over HTTP, main.ts had no application to give its global guards to.
      ...(this.adapterHost.httpAdapter
        ? coverageProblems(classes, new GuardCoverage(this.#contexts, this.guard), resourceServer)
        : []),
    ];
    if (problems.length > 0) throw new M2MConfigurationError(problems);
  }
}
