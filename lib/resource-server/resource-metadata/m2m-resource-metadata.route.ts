import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost, type AbstractHttpAdapter } from '@nestjs/core';
import { M2M_RESOLVED_OPTIONS } from '../../options/injection-tokens.js';
import type { ResolvedOptions } from '../../options/resolved-options.js';
import { M2MHandlerAudit } from '../handler-audit/m2m-handler-audit.js';
import { protectedResourceMetadata, type ProtectedResourceMetadata } from './protected-resource-metadata.js';
import { publishedScopes } from './published-scopes.js';

/** Any page may read the metadata, also one that says which revision of MCP it speaks. */
const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
  'Access-Control-Allow-Headers': '*',
};

type Respond = (request: unknown, response: object) => unknown;

/** Serves the metadata of the resource, if the options have it, to everybody. */
@Injectable()
export class M2MResourceMetadataRoute {
  readonly #options: ResolvedOptions;
  private document: ProtectedResourceMetadata | undefined;

  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    @Inject(M2MHandlerAudit) private readonly audit: M2MHandlerAudit,
  ) {
    this.#options = options;
  }

  /**
   * Adds the route at the adapter: Nest would put it behind the global prefix, versions and global guards. Added before
   * Nest's own routes, it is found before one that takes every path.
   */
  add(): void {
    const adapter: AbstractHttpAdapter = this.adapterHost.httpAdapter;
    const path = this.#options.resourceServer?.resourceMetadata?.path;
    if (path === undefined) return;
    const answer =
      (status: number, body: () => unknown): Respond =>
      (_request, response) => {
        for (const [name, value] of Object.entries(CORS)) adapter.setHeader(response, name, value);
        return adapter.reply(response, body(), status) as unknown;
      };
    adapter.get(
      path,
      answer(200, () => this.metadata),
    );
    adapter.options(
      path,
      answer(204, () => undefined),
    );
  }

  /** Made for the first request: handlers are known when the application is initialized. */
  private get metadata(): ProtectedResourceMetadata | undefined {
    const { resourceServer } = this.#options;
    if (this.document || !resourceServer?.resourceMetadata) return this.document;
    const { scopes } = resourceServer.resourceMetadata;
    const named = scopes === 'all' ? publishedScopes(this.audit.handlers) : scopes;
    return (this.document = protectedResourceMetadata(resourceServer.resourceMetadata, resourceServer, named));
  }
}
