import { EndpointResolver } from '../../../authorization-servers/endpoint-resolver.js';
import { FoundServerHttp } from '../../../http/found-server-http.js';
import type { JsonWebKeySet } from '../../../json-web-keys/json-web-key-set.js';
import type { ResolvedAuthorizationServer } from '../../../options/authorization-server-fields.js';
import type { ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import { askResolver } from '../issuers/ask-resolver.js';
import { FoundIssuers } from '../issuers/found-issuers.js';
import { Issuers } from '../issuers/issuers.js';
import { keySetOf, type AcceptedIssuer, type KeySetEnvironment } from './accepted-issuer.js';
import type { KeySet } from './key-set.js';

/** The issuers of the options, and those that their function will find, each with a key set of its own. */
export function acceptIssuers(
  options: ResolvedResourceServerOptions,
  environment: KeySetEnvironment,
  foundServers?: FoundServerHttp,
): Issuers<AcceptedIssuer> {
  const inOptions = options.issuers.map((issuer) => {
    return { options: issuer, keys: keySetOf(issuer.authorizationServer, options.keySet, environment), isAccepted };
  });
  return new Issuers(inOptions, foundIssuers(options, environment, foundServers));
}

const isAccepted = (): boolean => true;

function foundIssuers(
  { issuers, resolver, keySet }: ResolvedResourceServerOptions,
  environment: KeySetEnvironment,
  foundServers: FoundServerHttp | undefined,
): FoundIssuers<AcceptedIssuer> | undefined {
  if (!resolver) return undefined;
  const { clock, events } = environment;
  const http = foundServers ?? new FoundServerHttp('trust.resolve', resolver.allowedHosts, clock);
  const inOptions = new Set(issuers.flatMap(({ authorizationServer }) => authorizationServer.acceptedIssuers));
  /** What was answered last, by the key set that it is for. */
  const latest = new WeakMap<KeySet, { server: ResolvedAuthorizationServer }>();
  const keysOf = (server: ResolvedAuthorizationServer, previous: AcceptedIssuer | undefined): KeySet => {
    const kept = previous && latest.get(previous.keys);
    if (kept && placeOf(kept.server) === placeOf(server)) {
      kept.server = server;
      return previous.keys;
    }
    const answer = { server };
    // Its metadata is shared with nobody, and is forgotten with it.
    const endpoints = new EndpointResolver((request) => http.request(request), clock);
    const jwks = typeof server.jwks === 'function' ? () => keySetIn(answer.server) : server.jwks;
    const keys = keySetOf({ ...server, jwks }, keySet, { http, endpoints, clock, events });
    latest.set(keys, answer);
    return keys;
  };
  return new FoundIssuers<AcceptedIssuer>(
    {
      ask: (issuer) => askResolver(issuer, resolver, (name) => inOptions.has(name), clock),
      accept: (found, previous, isStillAccepted) => {
        return { options: found, keys: keysOf(found.authorizationServer, previous), isAccepted: isStillAccepted };
      },
      failed: (issuer, error) => events.next({ type: 'issuer-lookup-failed', issuer, error }),
    },
    clock,
  );
}

/** The source of an issuer's keys. Functions are made anew for each answer: the last one is asked. */
function placeOf({ issuer, metadataUrl, jwksUri, jwks }: ResolvedAuthorizationServer): string {
  return JSON.stringify([issuer, metadataUrl, jwksUri, typeof jwks === 'function' ? 'a function' : jwks]);
}

function keySetIn({ jwks }: ResolvedAuthorizationServer): JsonWebKeySet | Promise<JsonWebKeySet> {
  return typeof jwks === 'function' ? jwks() : (jwks as JsonWebKeySet);
}
