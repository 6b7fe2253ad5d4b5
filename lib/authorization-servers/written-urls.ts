import type { AuthorizationServer } from './authorization-server.js';

/** The members of an authorization server in which the options name a URL. Other URLs are named by metadata alone. */
export const WRITTEN_URLS = ['issuer', 'metadataUrl', 'tokenEndpoint', 'jwksUri', 'introspectionEndpoint'] as const;

/** The URLs that the options name. */
export type WrittenUrls = Pick<AuthorizationServer, (typeof WRITTEN_URLS)[number]>;

/** The URLs that the options name, as they were written. */
export function writtenUrls(server: WrittenUrls): readonly string[] {
  return WRITTEN_URLS.map((name) => server[name]).filter((url) => url !== undefined);
}
