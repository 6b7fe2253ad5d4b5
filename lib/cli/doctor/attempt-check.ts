import type { AuthorizationServer } from '../../authorization-servers/authorization-server.js';
import { hasCode } from '../../errors/has-code.js';
import { durationText } from '../../time/duration-text.js';
import { ok, wrong, type Check } from '../checks/check.js';
import { codeIn, networkFinding } from './network-findings.js';
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

/** What token requests say about credentials and grants. */
export function checkAttempts(
  attempts: readonly TokenAttempt[],
  clientId: string,
  server: AuthorizationServer,
  now: number,
): Check {
  const first = attempts[0];
  const last = attempts.at(-1);
  if (!first || !last) return wrong(NAME, 'no client', 'M2M_CLIENT_ID=my-service');
  if (last === first && last.token) {
    const { type, expiresAt, scope } = last.token;
    const lifetime = durationText(Math.max(0, expiresAt.getTime() - now));
    const scopes = scope === undefined ? '' : `, scope ${JSON.stringify(scope.join(' '))}`;
    return ok(NAME, `${type} token for ${lifetime}${scopes}, by ${last.method}`);
  }
  if (last.token || (last !== first && !refusesCredentials(last.error, server))) {
    const problem = `the server refuses ${clientId} with ${first.method}, and takes it with ${last.method}`;
    return wrong('client authentication', problem, `M2M_CLIENT_AUTHENTICATION=${last.method}`);
  }
  return refusesCredentials(last.error, server) ? wrongCredentials(attempts, clientId) : refusal(last.error);
}

/** The answer to the method of the environment tells most. */
function wrongCredentials(attempts: readonly TokenAttempt[], clientId: string): Check {
  const methods = attempts.map(({ method }) => method);
  const [refused] = attempts.map(({ error }) => (error as Error).message);
  const remedy =
    CREDENTIALS.get(methods[0] ?? '') ??
    `M2M_CLIENT_SECRET=... # the secret that ${clientId} has now, without quotes and spaces\nor M2M_CLIENT_ID=... # if the secret is another client's`;
  return wrong('client credentials', `refused with ${methods.join(', ')}: ${refused}`, remedy);
}

function refusal(error: unknown): Check {
  const { message } = error as Error;
  if (!hasCode(error, 'ERR_M2M_TOKEN_REQUEST')) {
    const code = codeIn(message);
    const remedy =
      code === undefined ? 'M2M_TOKEN_ENDPOINT=https://... # a token endpoint' : networkFinding(code).remedy;
    return wrong(NAME, message, remedy);
  }
  const later = error.retryAfter === undefined ? 'later' : `in ${durationText(error.retryAfter * 1000)}`;
  const remedy =
    error.upstreamStatus === 429 || error.upstreamStatus >= 500 ? `npx nestjs-m2m doctor --live # ${later}` : undefined;
  const granted = 'what the message says, at the authorization server';
  return wrong(NAME, message, REMEDIES.get(error.error) ?? remedy ?? granted);
}
