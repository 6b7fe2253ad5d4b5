import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { identifiedLogger } from '../../events/identified-logger.js';
import { LOG_IDS } from '../../events/log-ids.js';
import { M2M_RESOLVED_OPTIONS } from '../../options/injection-tokens.js';
import type { ResolvedOptions } from '../../options/resolved-options.js';
import { Problems } from '../../validation/problems.js';
import { M2MConfigurationError } from '../../errors/configuration.error.js';
import { HandlerConditionsReader } from '../authorization/handler-conditions.reader.js';
import { copiesWarning } from '../authorization/package-copies.js';
import { M2MGuard } from '../m2m.guard.js';
import { beforeListening } from './before-listening.js';
import { claimedLine } from './claimed-handlers.js';
import { addConditionProblems } from './condition-problems.js';
import { addCoverageProblems } from './coverage-problems.js';
import { declaredClasses, reachedBy, type DeclaredMethod, type HandlerTransport } from './declared-classes.js';
import { GuardCoverage } from './guard-coverage.js';
import { KnownGuards } from './known-guards.js';
import { listHandlers, type M2MHandler } from './listed-handlers.js';
import { addLostGuards, requestScopedWarnings } from './lost-guards.js';
import { addResolverProblems } from './resolver-problems.js';
import { guardsNestedFields } from './resolvers.js';
import { Routing } from './routes.js';
import { reportUnguarded } from './unguarded-handlers.js';

/** What an audit without problems found. */
interface AuditReport {
  readonly handlers: readonly M2MHandler[];
  readonly claimed: string | undefined;
  readonly unguarded: string | undefined;
  readonly requestScoped: readonly string[];
}

/** Lists the handlers at the start, and stops it if one has conditions, or a guard, that would not hold. */
@Injectable()
export class M2MHandlerAudit implements OnModuleInit {
  private readonly logger = identifiedLogger('M2MModule');
  // Private to the language: all lead to the options of the application, which nothing should print.
  readonly #modules: ModulesContainer;
  readonly #config: ApplicationConfig;
  readonly #options: ResolvedOptions;
  private listed: readonly M2MHandler[] | undefined;

  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(ApplicationConfig) config: ApplicationConfig,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    @Inject(M2MGuard) private readonly guard: M2MGuard,
  ) {
    this.#modules = modules;
    this.#config = config;
    this.#options = options;
    beforeListening(modules, () => this.listed ?? this.audit());
  }

  /** @throws M2MConfigurationError before `onModuleInit`: guards may still be added */
  get handlers(): readonly M2MHandler[] {
    if (this.listed) return this.listed;
    throw new M2MConfigurationError({
      option: 'M2MHandlers.list()',
      problem: 'was called before the application was initialized',
      remedy: 'the call in onModuleInit(), or after await app.init()',
    });
  }

  /** @throws M2MConfigurationError with everything that is wrong */
  onModuleInit(): void {
    const copies = copiesWarning();
    if (copies !== undefined) this.logger.warn(LOG_IDS.PACKAGE_COPIES, copies);
    const { handlers, claimed, unguarded, requestScoped } = this.audit();
    this.listed = handlers;
    if (claimed !== undefined) this.logger.log(LOG_IDS.CLAIMED_HANDLERS, claimed);
    if (unguarded !== undefined) this.logger.warn(LOG_IDS.UNGUARDED_HANDLERS, unguarded);
    for (const line of requestScoped) this.logger.warn(LOG_IDS.REQUEST_SCOPED_GUARD, line);
  }

  private audit(): AuditReport {
    const { resourceServer } = this.#options;
    const hasRequests = Boolean(this.adapterHost.httpAdapter);
    const classes = declaredClasses(this.#modules);
    const isGraphqlOn = resourceServer?.transports.some(({ type }) => type === 'graphql') ?? false;
    const areFieldsGuarded = guardsNestedFields(this.#modules);
    const transports: HandlerTransport[] = hasRequests ? ['http', 'message'] : ['message'];
    if (hasRequests && isGraphqlOn) transports.push('graphql');
    const reachable = classes.map((each) => reachedBy(each, transports));
    const isAsked = ({ field }: DeclaredMethod): boolean => !field?.isNested || (areFieldsGuarded && !field.isOpen);
    const known = new KnownGuards(this.guard, resourceServer?.userGuards, this.#modules);
    const coverage = new GuardCoverage(this.#config, known, hasRequests);
    const problems = new Problems();
    for (const each of classes) addConditionProblems(problems, each, resourceServer);
    for (const each of classes) addResolverProblems(problems, each, coverage, isGraphqlOn, isAsked);
    addCoverageProblems(problems, reachable, coverage, resourceServer, isAsked);
    for (const each of reachable) addLostGuards(problems, each, coverage);
    const reader = new HandlerConditionsReader(resourceServer?.publicControllers);
    const handlers = listHandlers(reachable, coverage, reader, new Routing(this.#config, this.#modules), isAsked);
    const unguarded = resourceServer && reportUnguarded(problems, handlers, resourceServer);
    problems.throwIfAny();
    const requestScoped = reachable.flatMap((each) => requestScopedWarnings(each, coverage));
    return { handlers, claimed: claimedLine(handlers), unguarded, requestScoped };
  }
}
