import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { inOneLine } from '../errors/printable.js';
import { checkObject, entriesOf, isObject, memberOf } from '../validation/checks.js';
import { resolveFields, type FieldsOf } from '../validation/fields.js';
import { method } from '../validation/field-types.js';
import { Problems } from '../validation/problems.js';
import { ALLOWED_HOSTS } from './allowed-hosts-field.js';
import { NAMED_CLIENT_FIELDS } from './client-fields.js';
import type { M2MClientOptions, M2MClientResolver, M2MNamedClientOptions } from './client-options.js';
import { refuseRequestHeaders } from './resolve-authorization-server.js';
import { resolveClient } from './resolve-client.js';
import type {
  FoundClientOptions,
  ResolvedClient,
  ResolvedClientOptions,
  ResolvedClientResolver,
} from './resolved-options.js';

const PATH = 'client.clients';
const EXAMPLE = "{ clientId: 'my-service', clientSecret: () => ... }";

/** `client.clients`, if a function finds them */
const RESOLVER_FIELDS = {
  resolve: method<M2MClientResolver['resolve']>('(name) => tenants.find(name)'),
  allowedHosts: ALLOWED_HOSTS,
} as const satisfies FieldsOf<M2MClientResolver>;

/** Resolves `client.clients`. @param authorizationServer the module's */
export function resolveNamedClients(
  problems: Problems,
  options: M2MClientOptions,
  authorizationServer: AuthorizationServer | undefined,
): Pick<ResolvedClientOptions, 'clients' | 'clientResolver'> {
  const given = memberOf(options, 'clients');
  const own = memberOf(options, 'authorizationServer');
  const fallback = own ?? authorizationServer;
  const clients = new Map<string, ResolvedClient>();
  if (typeof given === 'function' || isResolver(given)) {
    const { resolve, allowedHosts } = readResolver(problems, given);
    const servers = [own, authorizationServer];
    const read = (name: string, answer: unknown): FoundClientOptions => readAnswer(name, answer, fallback, servers);
    return { clients, clientResolver: Object.freeze({ resolve, read, allowedHosts }) };
  }
  for (const [name, named] of entriesOf(problems, PATH, given, 'billing: { clientId }')) {
    const at = `${PATH}.${name}`;
    if (!checkObject(problems, at, named, `${name}: ${EXAMPLE}`)) continue;
    clients.set(name, resolveClient(problems, at, name, named, NAMED_CLIENT_FIELDS, fallback));
  }
  return { clients, clientResolver: undefined };
}

/** A client may have this name, but none is a function. */
function isResolver(given: M2MClientOptions['clients']): given is M2MClientResolver {
  return isObject(given) && typeof memberOf(given, 'resolve' as never) === 'function';
}

function readResolver(
  problems: Problems,
  given: M2MClientResolver | M2MClientResolver['resolve'],
): Omit<ResolvedClientResolver, 'read'> {
  if (typeof given === 'function') return { resolve: (name) => given(name), allowedHosts: [] };
  const { allowedHosts } = resolveFields(problems, PATH, given, RESOLVER_FIELDS);
  return { resolve: (name) => given.resolve(name), allowedHosts };
}

/**
 * Makes of an answer of the function the client that it describes.
 *
 * @param servers those of the options, which may get what is the module's own
 * @throws M2MConfigurationError that lists everything that is wrong with it
 */
function readAnswer(
  name: string,
  answer: unknown,
  fallback: AuthorizationServer | undefined,
  servers: readonly (AuthorizationServer | undefined)[],
): FoundClientOptions {
  const problems = new Problems();
  const path = `${PATH}('${inOneLine(name)}')`;
  if (!checkObject(problems, path, answer, EXAMPLE)) problems.throwIfAny();
  const given = readOnce(answer as M2MNamedClientOptions);
  const server = memberOf(given, 'authorizationServer');
  const isServerOwn = server === undefined || servers.includes(server);
  const client = resolveClient(problems, path, name, given, NAMED_CLIENT_FIELDS, fallback);
  if (!isServerOwn) refuseRequestHeaders(problems, path, client.authorizationServer);
  problems.throwIfAny();
  return Object.freeze({ client, isServerOwn });
}

/** A copy, because a getter may answer anew each time: what is checked is what is used. */
function readOnce(answer: M2MNamedClientOptions): M2MNamedClientOptions {
  const names = new Set([...Object.keys(NAMED_CLIENT_FIELDS), ...Object.keys(answer)]);
  return Object.fromEntries(Array.from(names, (name) => [name, memberOf(answer, name as keyof M2MNamedClientOptions)]));
}
