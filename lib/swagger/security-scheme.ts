import { metadataUrls } from '../authorization-servers/discovery.js';
import type { ResolvedIssuer, ResolvedOptions } from '../options/resolved-options.js';
import type { DescribedSchemes, SecuritySchemeObject } from './openapi-document.js';

/** The name of the first scheme; those after it have a number. */
const NAME = 'm2m';

/** How a caller gets the token that one issuer's clients present. */
export interface SecurityScheme {
  /** Its name in the document. */
  readonly name: string;
  /** `undefined` for the issuers that a function finds at run time, which the document does not name. */
  readonly issuer: ResolvedIssuer | undefined;
  /** Whether requirements list scopes: in OpenAPI 3.0 they must not for types other than oauth2 and openIdConnect. */
  readonly hasScopes: boolean;
}

/**
 * One scheme for each issuer of the options, and one for all that a function finds.
 *
 * @param described those that the document has already
 */
export function securitySchemes(
  { issuers, resolver }: NonNullable<ResolvedOptions['resourceServer']>,
  described: DescribedSchemes = {},
): SecurityScheme[] {
  const found = resolver ? [...issuers, undefined] : issuers;
  return found.map((issuer, index) => {
    const name = index === 0 ? NAME : `${NAME}-${index + 1}`;
    const own = described[name];
    const hasScopes = own ? '$ref' in own || /^(?:oauth2|openIdConnect)$/.test(own.type) : issuer !== undefined;
    return { name, issuer, hasScopes };
  });
}

/**
 * A scheme that the document has already, with the scopes that operations need.
 *
 * @param scopes those of them that its flow for client credentials lacks are added
 */
export function withScopes(own: DescribedSchemes[string], scopes: readonly string[]): DescribedSchemes[string] {
  if ('$ref' in own || !own.flows?.clientCredentials) return own;
  const { clientCredentials } = own.flows;
  const all = { ...Object.fromEntries(scopes.map((scope) => [scope, ''])), ...clientCredentials.scopes };
  return { ...own, flows: { ...own.flows, clientCredentials: { ...clientCredentials, scopes: all } } };
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
