import { inOneLine } from '../errors/printable.js';
import { checkObject, entriesOf, isText, memberOf } from '../validation/checks.js';
import { pick, resolveFields } from '../validation/fields.js';
import { listed } from '../validation/listed.js';
import { pathTo } from '../validation/option-path.js';
import { describeValue, type ProblemFilter, type Problems } from '../validation/problems.js';
import { similarName } from '../validation/similar-name.js';
import type { TokenParameters } from '../authorization-servers/authorization-server.js';
import { rulesOf } from './access-token-provider.js';
import { clientPath, isClientName } from './client-name.js';
import type { M2MTarget } from './client-options.js';
import { tryTokenParameters } from './resolve-authorization-server.js';
import type { ResolvedClient, ResolvedClientOptions, ResolvedTarget } from './resolved-options.js';
import { TARGET_FIELDS, URL_EXAMPLE } from './target-fields.js';
import { checkTokenChoice } from './token-choice.js';
import { checkExchange, exchangeGrantType } from './token-exchange.js';
import { TOKEN_FIELDS } from './token-fields.js';
import { tokenParameters } from './token-parameters.js';

/** Resolves `client.targets`; those with a problem are left out. */
export function resolveTargets(
  problems: Problems,
  targets: Readonly<Record<string, M2MTarget>> | undefined,
  own: ResolvedClient,
  { clients, clientResolver }: Pick<ResolvedClientOptions, 'clients' | 'clientResolver'>,
): readonly ResolvedTarget[] {
  const resolved: ResolvedTarget[] = [];
  /** Names by origin and path. */
  const places = new Map<string, string>();
  for (const [name, target] of entriesOf(problems, 'client.targets', targets, `shop: { ${URL_EXAMPLE} }`)) {
    const at = `client.targets.${name}`;
    if (!checkObject(problems, at, target, `${name}: { ${URL_EXAMPLE} }`)) continue;
    const fields = resolveFields(problems, at, target, TARGET_FIELDS);
    const { url, usableBy, encodedSlashes, http, token: tokenChoice } = fields;
    checkTokenChoice(problems, at, target, tokenChoice);
    const client = fields.client === undefined ? own : clients.get(fields.client);
    // The function is asked for it when a token is needed.
    const isFound = clientResolver !== undefined && isClientName(fields.client);
    if (!client && !isFound) {
      addUnknownClient(problems, `${at}.client`, fields.client, [...clients.keys()]);
    }
    if (!url || (!client && !isFound)) continue;
    const token = { ...pick({ ...fields, audience: fields.audience ?? undefined }, TOKEN_FIELDS) };
    const isRelayed = tokenChoice === 'relay';
    if (client && !isRelayed) {
      tryRequest(problems, at, target, client, requestOf(client, tokenParameters(client.defaults, token), tokenChoice));
      if (tokenChoice === 'exchange') {
        const requested = tokenParameters(client.defaults, token);
        checkExchange(problems, at, client.authorizationServer, requested, fields.exchange);
      }
    }
    const { origin, pathname } = url;
    const prefix = pathname.replace(/\/$/, '');
    const baseUrl = origin + (prefix && pathname);
    const twin = places.get(origin + prefix);
    places.set(origin + prefix, name);
    if (twin !== undefined) {
      const note = 'a longer path for one of them, or one target for both';
      const line = { option: `${at}.url`, value: `${origin}${prefix}/${name}`, note };
      problems.add(line.option, `is the same place as that of ${twin}`, [line]);
    }
    const reached = withoutProxyOfEnvironment(http, url);
    const place = { name, origin, path: prefix, baseUrl };
    const { exchange } = fields;
    const rules = {
      exchange,
      usableBy,
      rejectedWhen: isRelayed ? 'never' : fields.rejectedWhen,
      encodedSlashes,
    } as const;
    resolved.push(Object.freeze({ ...place, client: fields.client, tokenChoice, token, ...rules, http: reached }));
  }
  return Object.freeze(resolved);
}

/** A token request as the server's rules see it. */
function requestOf(
  { authorizationServer: server }: ResolvedClient,
  request: TokenParameters,
  choice: ResolvedTarget['tokenChoice'],
): TokenParameters {
  return choice === 'exchange' && server ? { ...request, grantType: exchangeGrantType(server) } : request;
}

/** Adds the problems that the server of a target's client has with its token request. */
function tryRequest(
  problems: Problems,
  at: string,
  target: M2MTarget,
  client: ResolvedClient,
  request: TokenParameters,
): void {
  // What is wrong with a field of the client is said of the client.
  const isNew: ProblemFilter = ({ option }) =>
    memberOf(target, option as keyof M2MTarget) !== undefined || !problems.has(pathTo(clientPath(client.name), option));
  tryTokenParameters(problems, at, rulesOf(client), request, isNew);
}

function addUnknownClient(problems: Problems, path: string, name: unknown, known: readonly string[]): void {
  const named = known.length === 0 ? 'none' : listed(known);
  const seen = isText(name) ? `is '${inOneLine(name)}'` : describeValue(name);
  const similar = isText(name) ? similarName(name, known) : undefined;
  const other = similar ?? known[0];
  const remedy = other === undefined ? 'clients: { billing: { clientId, clientSecret } }' : `client: '${other}'`;
  problems.add(path, `${seen}, which is no named client (${named})`, remedy);
}

/** A proxy reads what nothing encrypts, so it must be named in the options. */
function withoutProxyOfEnvironment(http: ResolvedTarget['http'], { protocol }: URL): ResolvedTarget['http'] {
  return protocol === 'http:' && http.proxy === undefined ? Object.freeze({ ...http, proxy: false }) : http;
}
