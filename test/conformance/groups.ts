import type { Group } from './conformance-request.js';
import { foreignAudiences, foreignCallers, foreignOrganizations, insufficientScopes } from './hostile-callers.js';
import {
  malformedCredentials,
  otherCredentials,
  repeatedCredentials,
  tokensWithMembers,
} from './hostile-credentials.js';
import {
  forgedSignatures,
  hostileClaims,
  hostileHeaders,
  hostileNumbers,
  misshapenTokens,
  reflectedText,
} from './hostile-tokens.js';
import { machinesAmongUsers, machinesAndUsers } from './machines-and-users.js';
import { badOptionalTokens, optionalTokens } from './optional-tokens.js';
import { longestTokens, oversizedTokens } from './oversized-tokens.js';
import { unavailableKeys } from './unavailable-keys.js';
import { publicRoutes, requiredAudiences, validCallers, validCredentials, validTokens } from './valid-requests.js';

/** The groups of requests that are refused, by their names. */
export const HOSTILE: readonly (readonly [string, Group])[] = [
  ['malformed credentials (claim 3.1)', malformedCredentials],
  ['other credentials', otherCredentials],
  ['repeated credentials (claim 3.1)', repeatedCredentials],
  ['tokens with members', tokensWithMembers],
  ['headers of tokens (claim 3.3)', hostileHeaders],
  ['signatures (claim 3.2)', forgedSignatures],
  ['shapes of tokens (claim 3.4)', misshapenTokens],
  ['sizes of tokens (claim 3.1)', oversizedTokens],
  ['claims (claim 3.5)', hostileClaims],
  ['numbers (claim 3.5)', hostileNumbers],
  ['text that must not be reflected (claim 4.6)', reflectedText],
  ['scopes (claim 4.3)', insufficientScopes],
  ['callers (claim 4.1)', foreignCallers],
  ['organizations', foreignOrganizations],
  ['audiences (claim 4.8)', foreignAudiences],
  ['what comes for an optional token (claim 4.7)', badOptionalTokens],
  ['machines among users (claim 4.2)', machinesAmongUsers],
  ['tokens whose keys cannot be had (claim 3.9)', unavailableKeys],
];

/** The groups of requests that are let in, by their names. */
export const VALID: readonly (readonly [string, Group])[] = [
  ['credentials', validCredentials],
  ['tokens', validTokens],
  ['tokens as long as they may be', longestTokens],
  ['callers', validCallers],
  ['machines and users', machinesAndUsers],
  ['audiences', requiredAudiences],
  ['optional tokens', optionalTokens],
  ['public routes', publicRoutes],
];
