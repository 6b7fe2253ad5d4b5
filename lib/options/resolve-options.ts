import { checkNames, isObject } from '../validation/checks.js';
import type { M2MModuleOptions } from './module-options.js';
import { describeValue, Problems } from '../validation/problems.js';
import { resolveClientOptions } from './resolve-client.js';
import { resolveHttp } from './resolve-http.js';
import { resolveResourceServer } from './resolve-resource-server.js';
import type { ResolvedOptions } from './resolved-options.js';

const names = ['authorizationServer', 'client', 'resourceServer', 'http'] as const satisfies (keyof M2MModuleOptions)[];

/**
 * Validates and defaults what the user wrote.
 *
 * @throws M2MConfigurationError that lists everything that is wrong
 */
export function resolveOptions(options: M2MModuleOptions): ResolvedOptions {
  const problems = new Problems();
  if (!isObject(options)) {
    problems.add(
      'options',
      describeValue(options),
      'M2MModule.forRoot({ authorizationServer, client, resourceServer })',
    );
    problems.throwIfAny();
  }
  checkNames(problems, '', options, names);
  if (options.client === undefined && options.resourceServer === undefined) {
    problems.add(
      'options',
      'have neither a client nor a resourceServer',
      "client: { clientId: 'my-service', clientSecret: () => ... } to make calls\nresourceServer: { audience: 'https://my-api' } to receive them",
    );
  }
  const http = resolveHttp(problems, 'http', options.http);
  const { authorizationServer } = options;
  const client = resolveClientOptions(problems, options.client, authorizationServer);
  const resourceServer = resolveResourceServer(problems, options.resourceServer, authorizationServer);
  problems.throwIfAny();
  return Object.freeze({ client, resourceServer, http });
}
