import type { ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import type { Problems } from '../../validation/problems.js';
import { similarName } from '../../validation/similar-name.js';
import type { Condition } from '../authorization/condition.js';

/** None if the application accepts no tokens, which another problem says. */
type ResourceServer = ResolvedResourceServerOptions | undefined;

/** Adds a problem for each client of an issuer whose tokens are not accepted. */
export function addUnacceptedIssuers(
  problems: Problems,
  option: string,
  conditions: readonly Condition[],
  resourceServer: ResourceServer,
): void {
  const issuers = resourceServer?.issuers.map((each) => each.authorizationServer.issuer) ?? [];
  if (issuers.length === 0) return;
  for (const client of conditions.flatMap((each) => (each.decorator === 'AllowClients' ? each.clients : []))) {
    if (typeof client === 'string' || issuers.includes(client.issuer)) continue;
    const accepted = issuers.map((each) => `{ issuer: '${each}', clientId: '${client.clientId}' }`).join(' or ');
    problems.add(option, `has @AllowClients with the issuer ${client.issuer}, whose tokens are not accepted`, accepted);
  }
}

/** Adds a problem for each required audience that no issuer's tokens are accepted for. */
export function addUnacceptedAudiences(
  problems: Problems,
  option: string,
  conditions: readonly Condition[],
  resourceServer: ResourceServer,
): void {
  if (!resourceServer) return;
  const accepted = [...new Set(resourceServer.issuers.flatMap(({ audience }) => audience ?? []))];
  for (const condition of conditions) {
    if (condition.decorator !== 'RequireAudience' || accepted.includes(condition.audience)) continue;
    const { audience } = condition;
    const known = accepted.length > 0 ? `tokens are accepted for ${accepted.join(', ')}` : 'audience is null';
    const similar = similarName(audience, accepted) ?? accepted[0];
    const other = similar === undefined ? '' : `@RequireAudience('${similar}')\n`;
    const listed = [...accepted, audience].map((each) => `'${each}'`).join(', ');
    const remedy = `${other}resourceServer.audience: [${listed}]`;
    problems.add(option, `has @RequireAudience with ${audience}, and ${known}`, remedy);
  }
}
