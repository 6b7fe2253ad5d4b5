import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import type { ReadVariable } from './environment-variables.js';

/** The server with the endpoints that the environment names. If it names the metadata, the others are discovered there. */
export function withEndpoints(server: AuthorizationServer, read: ReadVariable): AuthorizationServer {
  const metadataUrl = read('M2M_METADATA_URL');
  const tokenEndpoint = read('M2M_TOKEN_ENDPOINT');
  const jwksUri = read('M2M_JWKS_URI');
  return Object.freeze({
    ...server,
    ...(metadataUrl && { metadataUrl, tokenEndpoint: undefined, jwksUri: undefined }),
    ...(tokenEndpoint && { tokenEndpoint }),
    ...(jwksUri && { jwksUri }),
  });
}

/** The insecure origins that the environment names; `undefined` if it names none. */
export function insecureOriginsFromEnvironment(read: ReadVariable): readonly string[] | undefined {
  return namesIn(read('M2M_INSECURE_ORIGINS'));
}

/** Names separated by spaces or commas. */
export function namesIn(list: string | undefined): readonly string[] | undefined {
  return list?.split(/[\s,]+/).filter(Boolean);
}
