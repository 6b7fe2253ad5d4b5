import { Inject, Injectable, Scope, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { M2M_RESOLVED_OPTIONS } from './injection-tokens.js';

/** Stops the start of an application whose options depend on a request: every request would have tokens of its own. */
@Injectable()
export class OptionsScope implements OnModuleInit {
  readonly #moduleRef: ModuleRef;

  constructor(@Inject(ModuleRef) moduleRef: ModuleRef) {
    this.#moduleRef = moduleRef;
  }

  /** @throws M2MConfigurationError for request-scoped options, durable ones too */
  onModuleInit(): void {
    if (this.#moduleRef.introspect(M2M_RESOLVED_OPTIONS).scope !== Scope.REQUEST) return;
    throw new M2MConfigurationError({
      option: 'M2MModule.forRootAsync',
      problem:
        'depends on a request-scoped provider (REQUEST, or a class with Scope.REQUEST), so each request would have its own tokens and keys',
      remedy:
        'a useFactory, useClass or useExisting that injects no request-scoped provider\nclient.clients with one client for each tenant, and m2m.client(name) in the handler',
    });
  }
}
