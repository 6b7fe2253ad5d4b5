import { LOG_IDS, type LogId } from '../events/log-ids.js';
import type { ResolvedOptions, ResolvedResourceServerOptions } from './resolved-options.js';

type Metadata = NonNullable<ResolvedResourceServerOptions['resourceMetadata']>;

/** Lines for the log about options that do not go with the metadata of the resource. */
export function resourceMetadataWarnings({
  client,
  resourceServer,
}: Pick<ResolvedOptions, 'client' | 'resourceServer'>): readonly (readonly [LogId, string])[] {
  const metadata = resourceServer?.resourceMetadata;
  if (!resourceServer || !metadata) return [];
  const relaying = (client?.targets ?? []).filter(({ tokenChoice }) => tokenChoice === 'relay');
  return [
    ...refusedTokens(resourceServer, metadata).map((line) => [LOG_IDS.AUDIENCE_LACKS_RESOURCE, line] as const),
    ...relaying.map(({ name }) => [LOG_IDS.RELAY_BESIDE_METADATA, relayed(name)] as const),
  ];
}

/** A line about each issuer whose tokens for the published resource would be refused. */
function refusedTokens(
  { issuers, commonAudience }: ResolvedResourceServerOptions,
  { resource }: Metadata,
): readonly string[] {
  const audiences = [...issuers, { path: 'resourceServer', audience: commonAudience ?? null }];
  const lacking = audiences.filter(({ audience }) => audience !== null && !audience.includes(resource));
  return lacking.map(({ path, audience }) => {
    const list = [...(audience ?? []), resource].map((each) => `'${each}'`).join(', ');
    const problem = `${path}.audience lacks ${resource}, which resourceMetadata publishes: a token that a client requests for it is refused`;
    return `${problem}. Write: audience: [${list}]`;
  });
}

/** The authorization specification of MCP forbids it: the token was issued for the MCP server alone. */
function relayed(target: string): string {
  return `client.targets.${target}.token is 'relay', beside resourceMetadata: an MCP server must not send the tokens that it gets to other services. Write, if it is one: token: 'exchange'`;
}
