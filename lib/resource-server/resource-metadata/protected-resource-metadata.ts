import type { ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import type { ResolvedResourceMetadata } from '../../options/resource-metadata-field.js';

/** What is published about a resource server. */
export type ProtectedResourceMetadata = Readonly<Record<string, string | readonly string[]>>;

/**
 * The metadata of a resource, by the options alone. Issuers that a function finds are not in it.
 *
 * @param scopes those that it has; `undefined` if they are not published
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-2 RFC 9728, section 2}
 */
export function protectedResourceMetadata(
  { resource, name, documentation }: ResolvedResourceMetadata,
  { issuers }: Pick<ResolvedResourceServerOptions, 'issuers'>,
  scopes: readonly string[] | undefined,
): ProtectedResourceMetadata {
  const authorizationServers = issuers.map((each) => each.authorizationServer.issuer);
  const members = {
    resource,
    // A list without elements is left out, says section 3.2.
    authorization_servers: authorizationServers.length > 0 ? authorizationServers : undefined,
    scopes_supported: scopes && scopes.length > 0 ? scopes : undefined,
    bearer_methods_supported: ['header'],
    resource_name: name,
    resource_documentation: documentation,
  };
  const written = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.freeze(Object.fromEntries(written) as ProtectedResourceMetadata);
}
