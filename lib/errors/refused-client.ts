/** A client that was refused, by its verified token. */
export interface RefusedClient {
  /** Its `client_id`. */
  readonly clientId?: string | undefined;
  /** The `issuer` of its authorization server. */
  readonly issuer?: string | undefined;
}
