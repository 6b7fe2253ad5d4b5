import type { AuthorizationServer } from '../../authorization-servers/authorization-server.js';
import { quoted } from '../../events/log-text.js';
import { hasCode } from '../../errors/has-code.js';
import type { TokenRequestError } from '../../errors/token-request.error.js';
import { isTemporary } from '../../http/temporary-status.js';
import type { Environment } from '../../options/environment-variables.js';
import { durationText } from '../../time/duration-text.js';
import { ok, wrong, type Check } from '../checks/check.js';
import type { Hide } from '../explain/shown-members.js';
import { laterIn, requestFinding } from './request-findings.js';
import { refusesCredentials, type TokenAttempt } from './token-attempts.js';

const NAME = 'token request';

/** The line to write after an error of RFC 6749, section 5.2, RFC 8707, section 2, or of products. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['invalid_scope', 'M2M_SCOPE=... # scopes that the server grants to this client'],
  ['invalid_target', 'M2M_AUDIENCE=... # or M2M_RESOURCE=..., to the letter an API that the server knows'],
  ['access_denied', 'the API and its scopes, granted to this client at the authorization server'],
  ['unsupported_grant_type', 'the grant type client_credentials, allowed at the authorization server'],
  ['unauthorized_client', 'the grant type client_credentials, allowed for this client at the authorization server'],
]);

/** How each kind of credential is set right. */
const CREDENTIALS: ReadonlyMap<string, string> = new Map([
  ['private_key_jwt', 'M2M_PRIVATE_KEY_FILE=... # the key whose public half is registered for this client'],
  ['client_assertion', 'M2M_CLIENT_ASSERTION_FILE=... # an assertion whose issuer and subject the server trusts'],
  ['none', 'M2M_CLIENT_SECRET=... # if the client is no public one'],
]);

/** What was requested, and where. */
export interface RequestedTokens {
  readonly attempts: readonly TokenAttempt[];
  readonly clientId: string;
  readonly server: AuthorizationServer;
  readonly tokenEndpoint: string;
  readonly environment: Environment;
  /** For what a server says without an error: the messages of errors hold no credentials. */
  readonly hide: Hide;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What token requests say about credentials and grants. */
export function checkAttempts(requested: RequestedTokens): Check {
  const { attempts, clientId, server, hide, now } = requested;
  const first = attempts[0];
  const last = attempts.at(-1);
  if (!first || !last) return wrong(NAME, 'no client', 'M2M_CLIENT_ID=my-service');
  if (last === first && last.token) {
    const { type, expiresAt, scope } = last.token;
    const lifetime = durationText(Math.max(0, expiresAt.getTime() - now));
    const scopes = scope === undefined ? '' : `, scope ${quoted(hide(scope.join(' ')))}`;
    return ok(NAME, `${type} token for ${lifetime}${scopes}, by ${last.method}`);
  }
  const refused = attempts.filter(({ error }) => refusesCredentials(error, server));
  if (refused.length === attempts.length) return wrongCredentials(refused, clientId);
  if (last === first) return refusal(last.error, requested);
  // An outage says nothing of the method that met it.
  if (!last.token && !isDecision(last.error)) return wrongCredentials(refused, clientId);
  const problem = `the server refuses ${clientId} with ${first.method}, and takes it with ${last.method}`;
  return wrong('client authentication', problem, `M2M_CLIENT_AUTHENTICATION=${last.method}`);
}

function isDecision(error: unknown): boolean {
  return hasCode(error, 'ERR_M2M_TOKEN_REQUEST') && !isTemporary(error.upstreamStatus);
}

/** The answer to the method of the environment tells most. */
function wrongCredentials(attempts: readonly TokenAttempt[], clientId: string): Check {
  const methods = attempts.map(({ method }) => method);
  const [refused] = attempts.map(({ error }) => error as TokenRequestError);
  const credentials =
    CREDENTIALS.get(methods[0] ?? '') ??
    `M2M_CLIENT_SECRET=... # the secret that ${clientId} has now, without quotes and spaces\nor M2M_CLIENT_ID=... # if the secret is another client's`;
  // Some servers say so of a wrong secret.
  const grant = refused?.error === 'unauthorized_client' ? REMEDIES.get(refused.error) : undefined;
  const remedy = grant === undefined ? credentials : `${grant}\nor ${credentials}`;
  return wrong('client credentials', `refused with ${methods.join(', ')}: ${refused?.message}`, remedy);
}

function refusal(error: unknown, { tokenEndpoint: url, environment }: RequestedTokens): Check {
  const { message } = error as Error;
  if (!hasCode(error, 'ERR_M2M_TOKEN_REQUEST')) {
    const finding = requestFinding({ message, url, environment });
    const { problem, remedy } = finding ?? { problem: message, remedy: unusableAnswer(message) };
    return wrong(NAME, problem, remedy);
  }
  const { upstreamStatus: status, retryAfter } = error;
  const later = isTemporary(status) ? `npx nestjs-m2m doctor --live # ${laterIn(retryAfter)}` : undefined;
  const byStatus = later ?? requestFinding({ message: `answered ${status}`, url, environment })?.remedy;
  const remedy = REMEDIES.get(error.error) ?? byStatus ?? (status === 404 || status === 405 ? ENDPOINT : GRANTED);
  return wrong(NAME, message, remedy);
}

const ENDPOINT = 'M2M_TOKEN_ENDPOINT=https://... # a token endpoint';
const GRANTED = 'what the message says, at the authorization server';

function unusableAnswer(message: string): string {
  return message.includes('token_type') ? 'Bearer tokens for this client, at the authorization server' : ENDPOINT;
}
