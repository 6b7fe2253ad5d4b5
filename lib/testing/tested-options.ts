import type { M2MClientOptions, M2MClientResolver, M2MNamedClientOptions } from '../options/client-options.js';
import type { M2MIntrospectionOptions } from '../options/introspection-options.js';
import type { M2MModuleOptions } from '../options/module-options.js';
import { dialects } from './dialects/dialects.js';
import { resolveOptions } from '../options/resolve-options.js';
import type { M2MResourceServerOptions } from '../options/resource-server-options.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import type { M2MTestingModuleOptions } from './m2m-testing-module-options.js';
import type { TestAuthorizationServer } from './test-authorization-server.js';

const SERVER = Symbol('nestjs-m2m:test-authorization-server');

/** An application's options, and the test server that they point at. */
export interface TestedOptions extends ResolvedOptions {
  readonly [SERVER]: TestAuthorizationServer;
}

/** @throws TypeError if the application does not run against a test server */
export function serverOf(options: ResolvedOptions): TestAuthorizationServer {
  if (SERVER in options) return (options as TestedOptions)[SERVER];
  throw new TypeError(
    'this application runs against no test server; write: imports: [M2MTestingModule.forRoot()], or M2MTestingModule.override(Test.createTestingModule({ imports: [AppModule] }), server)',
  );
}

/** Options for a server, from nothing. */
export function optionsFor(
  server: TestAuthorizationServer,
  { client, resourceServer }: M2MTestingModuleOptions,
): M2MModuleOptions {
  const { clientIds, resources, dialect } = server;
  const { tokensNameApis, tokensTellMachines } = dialects[dialect];
  const accepted = {
    audience: tokensNameApis ? resources : null,
    ...(!(tokensNameApis && tokensTellMachines) && { allowedClients: clientIds }),
    ...(!tokensTellMachines && { callers: 'any' }),
  };
  return {
    client: { clientId: clientIds[0] ?? '', ...server.tokenRequest(), ...client },
    resourceServer: { ...accepted, ...resourceServer } as M2MResourceServerOptions,
  };
}

/**
 * An application's own options, with every authorization server of its own replaced by the test server, and with
 * secrets that are valid there. Clients that the server does not know are registered; issuers that are trusted beside
 * stay as they are.
 *
 * @throws M2MConfigurationError
 */
export function testedOptions(server: TestAuthorizationServer, options: M2MModuleOptions): TestedOptions {
  const { client, resourceServer, insecureOrigins } = options;
  const tested = {
    authorizationServer: server.authorizationServer,
    ...(client && { client: testedClients(server, client) }),
    ...(resourceServer && { resourceServer: testedResourceServer(server, resourceServer) }),
    insecureOrigins,
  };
  const resolved = resolveOptions(tested, true);
  return Object.freeze({ ...resolved, [SERVER]: server });
}

/** Without a primary issuer of its own, an application has the test server as one, for all of its resources. */
function testedResourceServer(
  server: TestAuthorizationServer,
  resourceServer: M2MResourceServerOptions,
): M2MResourceServerOptions {
  const { audience, trust = [], introspection } = resourceServer;
  const all = audience === undefined && trust.length > 0 ? { audience: [...server.resources] } : {};
  return {
    ...resourceServer,
    ...all,
    introspection: introspection && testedIntrospection(server, introspection),
    authorizationServer: undefined,
  } as M2MResourceServerOptions;
}

/** With a secret, in place of what the application authenticates with. */
function testedIntrospection(
  server: TestAuthorizationServer,
  introspection: M2MIntrospectionOptions,
): M2MIntrospectionOptions {
  const { clientId } = introspection;
  if (!server.clientIds.includes(clientId)) server.register(clientId);
  const clientSecret = (): string => server.secretOf(clientId) ?? '';
  return { ...introspection, clientSecret, clientAuthentication: undefined };
}

function testedClients(server: TestAuthorizationServer, client: M2MClientOptions): M2MClientOptions {
  return {
    ...client,
    ...testedClient(server, client, server.clientIds[0] ?? 'my-service'),
    clients: testedNamedClients(server, client.clients),
  };
}

function testedNamedClients(
  server: TestAuthorizationServer,
  clients: M2MClientOptions['clients'],
): M2MClientOptions['clients'] {
  if (clients === undefined) return undefined;
  const { resolve = clients } = clients as { readonly resolve?: unknown };
  if (typeof resolve === 'function') {
    return async (name) => {
      const found = await (resolve as M2MClientResolver['resolve']).call(clients, name);
      return found ? testedClient(server, found, name) : undefined;
    };
  }
  const named = Object.entries(clients as Readonly<Record<string, M2MNamedClientOptions>>);
  return Object.fromEntries(named.map(([name, client]) => [name, testedClient(server, client, name)]));
}

/** @param idIfNone the id of a client that has none, because a function gets its tokens: here the test server does */
function testedClient(
  server: TestAuthorizationServer,
  client: M2MNamedClientOptions,
  idIfNone: string,
): M2MNamedClientOptions {
  const clientId = client.accessTokenProvider ? idIfNone : client.clientId;
  if (clientId === undefined) return { ...client, authorizationServer: undefined };
  if (!server.clientIds.includes(clientId)) server.register(clientId);
  const hasSecret = server.secretOf(clientId) !== undefined;
  return {
    ...client,
    clientId,
    accessTokenProvider: undefined,
    authorizationServer: undefined,
    ...(hasSecret && { clientSecret: () => server.secretOf(clientId) ?? '' }),
  };
}
