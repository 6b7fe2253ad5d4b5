import { guessAuthorizationServer } from '../authorization-servers/from-issuer.js';
import type { JsonWebKeySet } from '../json-web-keys/json-web-key-set.js';
import { readerOf, type Environment } from '../options/environment-variables.js';
import { insecureOriginsFromEnvironment } from '../options/endpoints-from-environment.js';
import type { M2MModuleOptions } from '../options/module-options.js';
import { readEnvironment } from '../options/read-environment.js';

/** The variables that say which tokens an API takes. */
const INBOUND_VARIABLES = [
  'M2M_ISSUER',
  'M2M_PROVIDER',
  'M2M_METADATA_URL',
  'M2M_JWKS_URI',
  'M2M_API_AUDIENCE',
  'M2M_API_CLIENTS',
  'M2M_API_CALLERS',
] as const;

/** Which tokens an API takes. */
export interface InboundOptions {
  readonly options: M2MModuleOptions;
  /** The product, as `M2M_PROVIDER` names it. */
  readonly provider: string;
}

/**
 * The options of an API by its environment, without those of its client.
 *
 * @param jwks the keys of the issuer, in place of those that it publishes
 * @throws M2MConfigurationError
 */
export function inboundOptions(environment: Environment, jwks?: JsonWebKeySet): InboundOptions {
  const read = readerOf(environment);
  const variables = Object.fromEntries(INBOUND_VARIABLES.map((name) => [name, read(name)]));
  const origins = (insecureOriginsFromEnvironment(read) ?? []).filter((origin) => isUsed(origin, variables));
  const { options } = readEnvironment({ ...variables, M2M_INSECURE_ORIGINS: origins.join(' ') || undefined });
  const provider = read('M2M_PROVIDER') ?? guessAuthorizationServer(read('M2M_ISSUER') ?? '').provider;
  const { authorizationServer: server } = options;
  if (!jwks || !server) return { options, provider };
  const offline = { ...server, jwks, jwksUri: undefined, metadataUrl: undefined };
  return { options: { ...options, authorizationServer: offline }, provider };
}

/** Targets have insecure origins of their own. */
function isUsed(origin: string, variables: Environment): boolean {
  const urls = [variables['M2M_ISSUER'], variables['M2M_METADATA_URL'], variables['M2M_JWKS_URI']];
  return urls.some((url) => url !== undefined && URL.canParse(url) && new URL(url).origin === origin);
}
