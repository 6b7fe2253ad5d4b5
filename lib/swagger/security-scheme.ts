import { metadataUrls } from '../authorization-servers/discovery.js';
import type { ResolvedIssuer, ResolvedOptions } from '../options/resolved-options.js';
import type { SecuritySchemeObject } from './openapi-document.js';

/** The name of the first scheme; those after it have a number. */
const NAME = 'm2m';

/** How a caller gets the token that one issuer's clients present. */
export interface SecurityScheme {
  /** Its name in the document. */
  readonly name: string;
  /** `undefined` for the issuers that a function finds at run time, which the document does not name. */
  readonly issuer: ResolvedIssuer | undefined;
}

/** One scheme for each issuer of the options, and one for all that a function finds. */
export function securitySchemes({
  issuers,
  resolver,
}: NonNullable<ResolvedOptions['resourceServer']>): SecurityScheme[] {
  const found = resolver ? [...issuers, undefined] : issuers;
  return found.map((issuer, index) => ({ name: index === 0 ? NAME : `${NAME}-${index + 1}`, issuer }));
}

/**
 * The scheme as an OpenAPI document has it: client credentials at the token endpoint that the options name, else a
 * reference to the issuer's metadata. Nothing is requested for it.
 *
 * @param scopes those that operations need
 */
export function describeScheme(
  { issuer }: SecurityScheme,
  scopes: readonly string[],
  insecureOrigins: readonly string[],
): SecuritySchemeObject {
  if (!issuer) {
    const description = 'An access token of an issuer whose tokens this API accepts.';
    return { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description };
  }
  const { issuer: iss, tokenEndpoint, metadataUrl = '' } = issuer.authorizationServer;
  const isPublic = isKnownOutside(iss, [...insecureOrigins, originOf(metadataUrl)]);
  const description = `An access token of ${iss} by client credentials (RFC 6749, section 4.4).`;
  if (tokenEndpoint !== undefined && isPublic(tokenEndpoint)) {
    const named = Object.fromEntries(scopes.map((scope) => [scope, '']));
    return { type: 'oauth2', description, flows: { clientCredentials: { tokenUrl: tokenEndpoint, scopes: named } } };
  }
  const openIdConnectUrl = isPublic(metadataUrl) ? metadataUrl : metadataUrls(iss)[0];
  return { type: 'openIdConnect', description, openIdConnectUrl };
}

/**
 * Whether a URL may stand in a document that others read: not if only this service reaches it, by another origin than
 * the issuer's, and not with a query, which may hold a secret.
 */
function isKnownOutside(issuer: string, internalOrigins: readonly string[]): (url: string) => boolean {
  const internal = new Set(internalOrigins);
  internal.delete(originOf(issuer));
  return (url) => URL.canParse(url) && !internal.has(originOf(url)) && !/[?#]/.test(url);
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}
