import type { Claims } from '../../authorization-servers/authorization-server.js';
import { listOf } from '../../collections/list-of.js';
import { hasCode } from '../../errors/has-code.js';
import type { InvalidTokenReason } from '../../errors/invalid-token.error.js';
import type { M2MError } from '../../errors/m2m.error.js';
import { JWS_ALGORITHMS } from '../../options/jws-algorithm.js';
import { foreignWord, shellWord } from '../checks/shell-word.js';
import { audienceLines, opaqueLines } from './product-remedies.js';

/** What of a token tells what to write. */
export interface SeenToken {
  /** Empty for a text that is no JWT. */
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Claims;
  /** The product, as `M2M_PROVIDER` names it. */
  readonly provider: string;
  /** What the API takes tokens for. */
  readonly audience: readonly string[];
  /** The clients that the API takes tokens of; `undefined`: all. */
  readonly clients: readonly string[] | undefined;
  /** The scopes that the handler needs. */
  readonly scopes: readonly string[];
}

const NEW_TOKEN = 'npx nestjs-m2m token | npx nestjs-m2m explain # with a new token';
const CLOCK = 'timedatectl set-ntp true # on the host whose clock is off; npx nestjs-m2m doctor tells by how much';

type Remedy = string | ((token: SeenToken, message: string) => string);

/** By the reason of a refusal. */
const REMEDIES: Readonly<Record<InvalidTokenReason, Remedy>> = {
  absent: NEW_TOKEN,
  request: NEW_TOKEN,
  user: NEW_TOKEN,
  malformed: ({ provider, audience }, message) =>
    /opaque|JWE/.test(message) ? opaqueLines(provider, audience) : NEW_TOKEN,
  'too-large': 'fewer claims in the tokens of this client, at the authorization server',
  inactive: NEW_TOKEN,
  algorithm: ({ header }) =>
    JWS_ALGORITHMS.some((known) => known === header['alg'])
      ? `resourceServer: { algorithms: ['${String(header['alg'])}'] }`
      : 'RS256 as the signing algorithm of this API, at the authorization server',
  type: 'the access token in the place of this one: the member access_token of the token response',
  'critical-header': 'no "crit" and "b64" in the header, at the authorization server',
  issuer: ({ claims }) => `M2M_ISSUER=${word(claims['iss'], 'https://...')} # if that is your authorization server`,
  key: `${NEW_TOKEN}: the key of this one was rotated or withdrawn, or it is from another environment`,
  signature: `${NEW_TOKEN}: this one was changed on its way, cut, or signed by somebody else`,
  expired: `${NEW_TOKEN}\nor ${CLOCK}`,
  'not-yet-valid': CLOCK,
  'too-old': `${NEW_TOKEN}\nor resourceServer: { maxTokenAge: ... } # a longer one`,
  claims: NEW_TOKEN,
  audience: audienceRemedy,
  client:
    'M2M_PROVIDER=... # the product, which knows the claim of the client: npx nestjs-m2m explain --help lists them',
  'not-an-access-token': 'the access token in the place of this one: the member access_token of the token response',
  'sender-constrained': 'no DPoP and no certificate-bound tokens for this client, at the authorization server',
};

/** The line to write after a refusal. */
export function remedyFor(error: M2MError, token: SeenToken): string {
  if (hasCode(error, 'ERR_M2M_INVALID_TOKEN')) {
    const remedy = REMEDIES[error.reason];
    return typeof remedy === 'string' ? remedy : remedy(token, error.message);
  }
  if (hasCode(error, 'ERR_M2M_CALLER_NOT_ALLOWED')) return callerRemedy(error.message, error.clientId, token);
  if (hasCode(error, 'ERR_M2M_INSUFFICIENT_SCOPE')) {
    const granted = `M2M_SCOPE=${shellWord(token.scopes.join(' '))} # in the environment of the caller`;
    return `${granted}, once its client is granted them at the authorization server`;
  }
  return 'npx nestjs-m2m doctor';
}

function audienceRemedy({ claims, provider, audience }: SeenToken): string {
  const own = listOf(claims['aud']).find((each) => typeof each === 'string');
  const here = own === undefined ? [] : [`M2M_API_AUDIENCE=${word(own)} # if that is the name of this API`];
  return [...audienceLines(provider, audience), ...here].join('\nor ');
}

function callerRemedy(message: string, clientId: string | undefined, { clients, provider }: SeenToken): string {
  if (clients && clientId !== undefined && !clients.includes(clientId)) {
    return clientsLine(clients, clientId);
  }
  if (message.includes("a user's")) {
    const machine = 'npx nestjs-m2m token # a token of the client itself, by the grant client_credentials';
    return [machine, 'M2M_API_CALLERS=any # to let users in', "M2MGuard.or('user-jwt') # users by a strategy"].join(
      '\nor ',
    );
  }
  const listed = `M2M_API_CALLERS=any # with M2M_API_CLIENTS=${word(clientId, '...')}, which is then known to be a machine`;
  return provider === 'oidc'
    ? `M2M_PROVIDER=... # the product, if it tells a machine from a user\nor ${listed}`
    : listed;
}

/** The whole list, because what it leaves out is no longer let in. Commas and spaces separate clients. */
function clientsLine(clients: readonly string[], clientId: string): string {
  const isOne = foreignWord(clientId) === clientId && !clientId.includes(',');
  return isOne
    ? `M2M_API_CLIENTS=${shellWord([...clients, clientId].join(','))}`
    : 'resourceServer: { allowedClients: [...] } # with this client, whose id does not fit into M2M_API_CLIENTS';
}

/** A member of a token as one word of a line. */
function word(value: unknown, otherwise = ''): string {
  return typeof value === 'string' ? foreignWord(value) : otherwise;
}
