import type { INestApplicationContext } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { identifiedLogger } from '../events/identified-logger.js';
import { LOG_IDS } from '../events/log-ids.js';
import { quotedList } from '../events/log-text.js';
import { M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import type { M2MHandler } from '../resource-server/handler-audit/listed-handlers.js';
import { M2MHandlers } from '../resource-server/handler-audit/m2m-handlers.js';
import { notConfigured } from '../resource-server/not-configured.js';
import { isObject } from '../validation/checks.js';
import { DocumentedRoutes, type DocumentedRoute } from './documented-routes.js';
import type { Operation } from './openapi-document.js';
import { REFUSAL_RESPONSES } from './refusal-responses.js';
import { secureOperation } from './secure-operation.js';
import { describeScheme, securitySchemes, withScopes } from './security-scheme.js';

/**
 * Adds to an OpenAPI document what the application's guards require: a security scheme for each issuer of the options, the
 * scopes of each operation, and the answers 401, 403 and 503. It changes the document, and requests nothing.
 *
 * Schemes and responses of these names that the document has already are kept: `m2m` (`m2m-2` and so on for further
 * issuers), `M2MUnauthorized`, `M2MForbidden`, `M2MServiceUnavailable`. A flow for client credentials gets the scopes that
 * it lacks.
 *
 * @returns the same document
 * @throws M2MConfigurationError before the application is initialized, without M2MModule, and without `resourceServer`
 * @example
 * SwaggerModule.setup('docs', app, () => addM2MSecurity(SwaggerModule.createDocument(app, config), app));
 */
export function addM2MSecurity<Document extends OpenAPIObject>(
  document: Document,
  app: Pick<INestApplicationContext, 'get'>,
): Document {
  const { resourceServer, insecureOrigins, handlers } = moduleOf(app);
  const schemes = securitySchemes(resourceServer, document.components?.securitySchemes);
  const operations = operationsOf(document);
  const routes = new DocumentedRoutes(handlers, app.get(ApplicationConfig).getGlobalPrefix(), operations);
  const unknown: string[] = [];
  for (const { method, path, operation } of operations) {
    const answering = routes.find({ method, path });
    if (answering.length === 0) unknown.push(`${method.toUpperCase()} ${path}`);
    secureOperation(operation, answering, schemes, document.security);
  }
  if (unknown.length > 0) warnOf(unknown);
  // Operations behind `AuthGuard('m2m')` may name a scheme themselves.
  const named = new Set(operations.flatMap(({ operation }) => (operation.security ?? []).flatMap(Object.keys)));
  if (!schemes.some(({ name }) => named.has(name))) return document;

  const components = (document.components ??= {});
  const described = (components.securitySchemes ??= {});
  for (const scheme of schemes) {
    const scopes = scopesOf(document, scheme.name);
    const own = described[scheme.name];
    described[scheme.name] = own ? withScopes(own, scopes) : describeScheme(scheme, scopes, insecureOrigins);
  }
  const responses = (components.responses ??= {});
  for (const { name, response } of REFUSAL_RESPONSES.values()) responses[name] ??= structuredClone(response);
  return document;
}

type ResourceServer = NonNullable<ResolvedOptions['resourceServer']>;

interface InboundHalf {
  readonly resourceServer: ResourceServer;
  readonly insecureOrigins: readonly string[];
  readonly handlers: readonly M2MHandler[];
}

function moduleOf(app: Pick<INestApplicationContext, 'get'>): InboundHalf {
  let options: ResolvedOptions;
  let listed: M2MHandlers;
  try {
    options = app.get<ResolvedOptions>(M2M_RESOLVED_OPTIONS);
    listed = app.get(M2MHandlers);
  } catch {
    throw new M2MConfigurationError({
      option: 'addM2MSecurity(document, app)',
      problem: 'got an application without M2MModule',
      remedy: 'imports: [M2MModule.forRoot({ ... })]',
    });
  }
  const { resourceServer = notConfigured('addM2MSecurity() describes it'), insecureOrigins } = options;
  return { resourceServer, insecureOrigins, handlers: listOf(listed) };
}

function listOf(handlers: M2MHandlers): readonly M2MHandler[] {
  try {
    return handlers.list();
  } catch {
    throw new M2MConfigurationError({
      option: 'addM2MSecurity(document, app)',
      problem: 'was called before the application was initialized, when guards may still be added',
      remedy:
        "SwaggerModule.setup('docs', app, () => addM2MSecurity(SwaggerModule.createDocument(app, config), app))\nawait app.init(), above the call",
    });
  }
}

interface DocumentedOperation extends DocumentedRoute {
  readonly operation: Operation;
}

function operationsOf({ paths }: OpenAPIObject): DocumentedOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      // Beside methods there are `$ref`, `servers`, `parameters` and extensions.
      .filter((entry): entry is [string, Operation] => /^[a-z]+$/.test(entry[0]) && isObject(entry[1]))
      .map(([method, operation]) => ({ method, path, operation })),
  );
}

/** The scopes that operations need of a scheme. */
function scopesOf(document: OpenAPIObject, scheme: string): readonly string[] {
  const requirements = operationsOf(document).flatMap(({ operation }) => operation.security ?? []);
  return [...new Set(requirements.flatMap((each) => each[scheme] ?? []))].toSorted();
}

function warnOf(operations: readonly string[]): void {
  identifiedLogger('M2MModule').warn(
    LOG_IDS.UNKNOWN_OPERATIONS,
    `No handler of the application answers ${quotedList(operations)} of the OpenAPI document: its security stays as the document has it`,
  );
}
