import { dialects } from './dialects/dialects.js';
import { providers } from './options/dialect-names.js';
import type { TokenRequestParameters } from './engine/dialect.js';
import { isPublic, type RegisteredClient } from './engine/registry.js';
import type { TestDialectName } from './options/test-authorization-server-options.js';

/** What the variables say. */
export interface DescribedService {
  readonly dialect: TestDialectName;
  readonly issuer: string;
  readonly client: RegisteredClient;
  /** Every client of the server. */
  readonly clientIds: readonly string[];
  /** Whose tokens it accepts as its own. */
  readonly audience: string;
  /** What it asks for. */
  readonly tokenRequest: TokenRequestParameters;
}

/** The `M2M_*` variables of a service. */
export function environmentOf(service: DescribedService): Readonly<Record<string, string>> {
  const { dialect, issuer, client, clientIds, audience, tokenRequest } = service;
  const { tokensNameApis, tokensTellMachines } = dialects[dialect];
  const variables = {
    M2M_ISSUER: issuer,
    M2M_PROVIDER: providers[dialect],
    M2M_CLIENT_ID: client.id,
    M2M_CLIENT_AUTHENTICATION: isPublic(client) ? 'none' : undefined,
    M2M_CLIENT_SECRET: client.secret,
    M2M_AUDIENCE: tokenRequest.audience,
    M2M_RESOURCE: tokenRequest.resource,
    M2M_SCOPE: tokenRequest.scope,
    M2M_API_AUDIENCE: tokensNameApis ? audience : 'none',
    M2M_API_CLIENTS: tokensNameApis && tokensTellMachines ? undefined : clientIds.join(','),
    M2M_API_CALLERS: tokensTellMachines ? undefined : 'any',
  };
  return Object.fromEntries(Object.entries(variables).filter((entry): entry is [string, string] => Boolean(entry[1])));
}
