import type { Type } from '@nestjs/common';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import type { M2MModuleOptions } from '../../lib/options/module-options.js';
import type { M2MResourceServerOptions } from '../../lib/options/resource-server-options.js';
import { graphql } from '../../lib/resource-server/transports/graphql.js';
import { startGuardedApp, type GuardedApp, type GuardedAppOptions } from './guarded-app.js';
import { testAudience, type TestIssuer } from './issuer.js';

/** What serves GraphQL, and on what. */
export type GraphqlServer = 'Apollo on Express' | 'Apollo on Fastify' | 'Mercurius';
export const graphqlServers: readonly GraphqlServer[] = ['Apollo on Express', 'Apollo on Fastify', 'Mercurius'];

export interface GraphqlAppOptions extends GuardedAppOptions {
  readonly server: GraphqlServer;
  readonly resolvers: Type[];
  /** Of `GraphQLModule.forRoot`, for either driver. */
  readonly module?: Partial<ApolloDriverConfig & MercuriusDriverConfig>;
}

/** An answer of GraphQL. */
export interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphqlError[];
}

export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The options of an API that takes the tokens of an issuer over GraphQL. */
export function graphqlOptions(
  { authorizationServer }: TestIssuer,
  resourceServer: Partial<M2MResourceServerOptions> = {},
): M2MModuleOptions {
  const defaults = { audience: testAudience, transports: [graphql()] };
  return { authorizationServer, resourceServer: { ...defaults, ...resourceServer } as M2MResourceServerOptions };
}

/** Starts an application with a schema that is made of its resolvers, at `/graphql`. */
export async function startGraphqlApp(setup: GraphqlAppOptions): Promise<GuardedApp> {
  const { server, resolvers, module = {}, imports = [], providers = [], ...rest } = setup;
  const common = { autoSchemaFile: true, fieldResolverEnhancers: ['guards' as const] };
  const graphqlModule =
    server === 'Mercurius'
      ? GraphQLModule.forRoot<MercuriusDriverConfig>({
          driver: MercuriusDriver,
          ...common,
          subscription: true,
          allowBatchedQueries: true,
          ...module,
        })
      : GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          ...common,
          subscriptions: { 'graphql-ws': true },
          allowBatchedHttpRequests: true,
          includeStacktraceInErrorResponses: false,
          ...module,
        });
  return startGuardedApp({
    ...rest,
    platform: server === 'Apollo on Express' ? 'express' : 'fastify',
    imports: [graphqlModule, ...imports],
    providers: [...resolvers, ...providers],
  });
}

/** What a query or a mutation is answered, over HTTP. */
export async function sendQuery(
  url: string,
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<GraphqlAnswer & { readonly status: number; readonly headers: Headers }> {
  const body = JSON.stringify({ query });
  const sent = { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body };
  const response = await fetch(`${url}/graphql`, sent);
  const answer = (await response.json()) as GraphqlAnswer;
  return { ...answer, status: response.status, headers: response.headers };
}
