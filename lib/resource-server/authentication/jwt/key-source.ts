import type { EndpointResolver } from '../../../authorization-servers/endpoint-resolver.js';
import { withRequestHeaders } from '../../../authorization-servers/request-headers.js';
import { CallbackError } from '../../../errors/callback.error.js';
import type { AuthorizationServerHttp } from '../../../http/authorization-server-http.js';
import { asPublished } from '../../../json-web-keys/as-published.js';
import type { ResolvedAuthorizationServer } from '../../../options/authorization-server-fields.js';
import type { ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import { callBack } from '../../../time/callback.js';
import type { Clock } from '../../../time/clock.js';
import { withTimeout } from '../../../time/timeout.js';
import { fetchKeySet } from './fetch-key-set.js';
import { importKeySet } from './import-key-set.js';
import type { VerificationKey } from './verification-key.js';

const OPTION = 'authorizationServer.jwks';

type KeySetOptions = ResolvedResourceServerOptions['keySet'];

/** What key sets are got with. */
export interface KeySourceEnvironment {
  readonly http: Pick<AuthorizationServerHttp, 'request'>;
  readonly endpoints: EndpointResolver;
  readonly clock: Clock;
}

/**
 * The source of an issuer's keys: its `jwks`, if it has some, else the URL that is written or discovered.
 *
 * @param timeout milliseconds, for discovery and the key set together
 */
export function keySourceOf(
  server: ResolvedAuthorizationServer,
  environment: KeySourceEnvironment,
  timeout: number,
): () => Promise<readonly VerificationKey[]> {
  const { clock } = environment;
  const { jwks } = server;
  if (typeof jwks === 'function') return () => askFor(jwks, timeout, clock);
  if (jwks !== undefined) return () => importKeySet(jwks, OPTION);
  return async () => (await withTimeout(fetchFrom(server, environment, timeout), timeout, clock)) ?? tooLate(timeout);
}

/** How the keys of an issuer are kept. A value of the options never changes. */
export function keepingOf({ jwks }: ResolvedAuthorizationServer, keySet: KeySetOptions): KeySetOptions {
  const isFixed = jwks !== undefined && typeof jwks !== 'function';
  return isFixed ? Object.freeze({ ...keySet, maxAge: Infinity, cooldown: Infinity }) : keySet;
}

async function fetchFrom(
  server: ResolvedAuthorizationServer,
  { http, endpoints, clock }: KeySourceEnvironment,
  timeout: number,
): Promise<readonly VerificationKey[]> {
  const uri = await endpoints.resolve(server, 'jwksUri', timeout);
  const request = withRequestHeaders((upstream) => http.request(upstream), server, 'jwks', clock);
  return fetchKeySet(request, uri, timeout);
}

/** @throws CallbackError if the function fails, or returns no usable key set */
async function askFor(jwks: () => unknown, timeout: number, clock: Clock): Promise<readonly VerificationKey[]> {
  const document = await callBack(OPTION, async () => asPublished(await jwks()), timeout, clock);
  try {
    return await importKeySet(document, 'it');
  } catch (error) {
    throw new CallbackError(OPTION, `returned no usable key set: ${(error as Error).message}`);
  }
}

function tooLate(timeout: number): never {
  throw new Error(`no key set within ${timeout} ms`);
}
