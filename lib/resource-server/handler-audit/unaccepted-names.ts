import type { ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import type { Problems } from '../../validation/problems.js';
import { similarName } from '../../validation/similar-name.js';
import { isAskable } from '../authentication/issuers/askable-issuer.js';
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
  if (!resourceServer) return;
  const { primary, resolver } = resourceServer;
  const issuers = resourceServer.issuers.map((each) => each.authorizationServer.issuer);
  for (const client of conditions.flatMap((each) => (each.decorator === 'AllowClients' ? each.clients : []))) {
    const { issuer, clientId } = typeof client === 'string' ? { issuer: undefined, clientId: client } : client;
    if (issuer === undefined ? primary : issuers.includes(issuer) || (resolver && isAskable(issuer))) continue;
    const named = resolver ? [...issuers, 'https://...'] : issuers;
    const accepted = named.map((each) => `{ issuer: '${each}', clientId: '${clientId}' }`).join(' or ');
    const problem =
      issuer === undefined
        ? `with ${clientId} of no issuer, and there is no authorizationServer beside trust`
        : `with the issuer ${issuer}, whose tokens are not accepted`;
    problems.add(option, `has @AllowClients ${problem}`, accepted);
  }
}

/** Adds a problem for each required audience that no issuer's tokens are accepted for. */
export function addUnacceptedAudiences(
  problems: Problems,
  option: string,
  conditions: readonly Condition[],
  resourceServer: ResourceServer,
): void {
  // What a function will find has an audience of its own.
  if (!resourceServer || resourceServer.resolver) return;
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
