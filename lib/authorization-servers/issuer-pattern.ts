import type { AuthorizationServer } from './authorization-server.js';

/** How the issuers of a product look, and what makes the authorization server of one. */
export interface IssuerPattern<Part extends string = string> {
  /** Matches every issuer of the product. Named groups are its parts. */
  readonly issuer: RegExp;
  /** An issuer that matches, for messages. */
  readonly example: string;
  /** Matches issuers that no other product has. Absent if its issuers look like any other. */
  readonly unmistakable?: RegExp;
  /**
   * Calls the product's factory.
   *
   * @throws M2MConfigurationError if a part is not what the factory takes
   */
  create(parts: Readonly<Record<Part, string>>, issuer: string): AuthorizationServer;
}
