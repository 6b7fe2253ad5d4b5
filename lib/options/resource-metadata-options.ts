/** What callers may read about this resource server (RFC 9728). */
export interface M2MResourceMetadataOptions {
  /**
   * Its resource identifier: the URL that callers use, without a slash at the end. Strict clients compare it with the URL
   * they call. Put it into `audience`, too: clients request tokens for it (RFC 8707).
   */
  resource: string;
  /** Its name, for people. @default none */
  name?: string | undefined;
  /** The URL of its documentation, for people. @default none */
  documentation?: string | undefined;
  /** Its scopes; `all` are those of the handlers that are not hidden from OpenAPI. @default not published */
  scopes?: readonly string[] | 'all' | undefined;
}
