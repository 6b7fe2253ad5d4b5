import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { isOpenToStrangers } from '../authorization-servers/shared-issuers.js';
import type { Problems } from '../validation/problems.js';

/** What an issuer's tokens must say. */
interface TokenRules {
  /** `undefined` if it is wrong, which another problem says. */
  readonly audience: readonly string[] | null | undefined;
  readonly allowedClients: readonly string[] | undefined;
}

/**
 * Adds a problem for each way in which a stranger's token would be accepted. At an issuer that is open to everybody these
 * are two: its client is nobody in particular, or it was issued to an allowed client, but for another service.
 *
 * @param server `undefined` if something is wrong with it, which another problem says
 */
export function refuseStrangers(
  problems: Problems,
  path: string,
  server: AuthorizationServer | undefined,
  { audience, allowedClients }: TokenRules,
): void {
  const isOpen = server !== undefined && isOpenToStrangers(server);
  const areClientsMissing = !allowedClients && !problems.has(`${path}.allowedClients`);
  if (areClientsMissing && (isOpen || audience === null)) {
    const why = isOpen
      ? `anybody can get a token of ${server.issuer}, for any audience`
      : 'without an audience, every token of this issuer would be accepted';
    // Which claim names the client of a platform's token is for `readClaims` to say: the recipes show it.
    const note = isOpen ? 'as readClaims names them; for recipes: docs/workload-identity.md' : undefined;
    const line = { option: `${path}.allowedClients`, value: ['orders-service'], note };
    problems.add(line.option, `is missing: ${why}`, [line]);
  }
  if (isOpen && audience === null) {
    const why = `a service that gets a token of ${server.issuer} from an allowed client could call with it`;
    const line = { option: `${path}.audience`, value: 'https://my-api' };
    problems.add(line.option, `leaves aud unchecked: ${why}`, [line]);
  }
}
