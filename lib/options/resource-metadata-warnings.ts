import type { ResolvedOptions } from './resolved-options.js';

/** A line for the log about each issuer whose tokens for the published resource would be refused. */
export function resourceMetadataWarnings({
  resourceServer,
}: Pick<ResolvedOptions, 'resourceServer'>): readonly string[] {
  const metadata = resourceServer?.resourceMetadata;
  if (!resourceServer || !metadata) return [];
  const { resource } = metadata;
  const { issuers, commonAudience } = resourceServer;
  const audiences = [...issuers, { path: 'resourceServer', audience: commonAudience ?? null }];
  const lacking = audiences.filter(({ audience }) => audience !== null && !audience.includes(resource));
  return lacking.map(({ path, audience }) => {
    const list = [...(audience ?? []), resource].map((each) => `'${each}'`).join(', ');
    const problem = `${path}.audience lacks ${resource}, which resourceMetadata publishes: a token that a client requests for it is refused`;
    return `${problem}. Write: audience: [${list}]`;
  });
}
