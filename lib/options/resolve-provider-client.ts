import { pick, type Values } from '../validation/fields.js';
import type { Problems } from '../validation/problems.js';
import { PROVIDER_RULES, type M2MAccessTokenProvider } from './access-token-provider.js';
import { TOKEN_MANAGEMENT_FIELDS, type NAMED_CLIENT_FIELDS } from './client-fields.js';
import { tryTokenParameters } from './resolve-authorization-server.js';
import type { ResolvedProviderClient } from './resolved-options.js';
import { noParameters, tokenParameters } from './token-parameters.js';

/** Options of a client that an authorization server knows, and what to write instead. */
const OF_OTHER_CLIENTS = [
  ['clientId', 'no clientId beside accessTokenProvider'],
  ['clientSecret', 'no clientSecret beside accessTokenProvider'],
  ['clientAuthentication', 'no clientAuthentication beside accessTokenProvider'],
  ['authorizationServer', 'authorizationServer in the options of the module, for its other clients'],
] as const;

/** Resolves a client whose tokens a function of the options gets. */
export function resolveProviderClient(
  problems: Problems,
  path: string,
  name: string | undefined,
  fields: Values<typeof NAMED_CLIENT_FIELDS>,
): ResolvedProviderClient {
  for (const [option, remedy] of OF_OTHER_CLIENTS) {
    if (fields[option] === undefined) continue;
    problems.add(`${path}.${option}`, 'is given, but accessTokenProvider gets the tokens', remedy);
  }
  if (fields.tokenStore !== undefined) {
    const problem = 'is given, but tokens of accessTokenProvider stay in memory';
    problems.add(`${path}.tokenStore`, problem, 'no tokenStore beside accessTokenProvider');
  }
  const defaults = tokenParameters(noParameters, fields);
  tryTokenParameters(problems, path, PROVIDER_RULES, defaults);
  return Object.freeze({
    ...pick(fields, TOKEN_MANAGEMENT_FIELDS),
    name,
    // If it is no function, a problem says so, and these options are thrown away.
    accessTokenProvider: fields.accessTokenProvider as M2MAccessTokenProvider,
    authorizationServer: undefined,
    clientId: undefined,
    clientSecret: undefined,
    clientAuthentication: undefined,
    defaults,
  });
}
