import type { AuthorizationServer } from '../../authorization-servers/authorization-server.js';
import type { ServerMetadata } from '../../authorization-servers/discovery.js';
import { hasCode } from '../../errors/has-code.js';
import { readerOf, type Environment } from '../../options/environment-variables.js';
import { ofVariable } from '../../options/in-terms-of-variables.js';
import { readEnvironment } from '../../options/read-environment.js';
import { unknown, wrong, type Check } from '../checks/check.js';
import { explainToken, shownToken, type ExplainedApi, type ShownToken } from '../explain/explain-token.js';
import { checkAttempts } from './attempt-check.js';
import { hiddenIn, hidingCredentials } from './hidden-credentials.js';
import { attemptTokens } from './token-attempts.js';

/** What came of a token request. */
export interface LiveChecks {
  readonly checks: readonly Check[];
  /** `undefined` without a token, and for one that is no JWT. */
  readonly token: ShownToken | undefined;
}

/** What tokens are requested with. */
export interface LiveSetup {
  readonly environment: Environment;
  readonly server: AuthorizationServer;
  readonly metadata: ServerMetadata | undefined;
  readonly tokenEndpoint: string;
  /** The API that the token is held to; the reason if there is none. */
  readonly api: ExplainedApi | string;
}

/** Requests a token, and holds it to the API. */
export async function checkLive(setup: LiveSetup): Promise<LiveChecks> {
  const { environment, server, metadata, tokenEndpoint, api } = setup;
  const clientId = readerOf(environment)('M2M_CLIENT_ID') ?? '';
  try {
    const attempts = await attemptTokens(environment, server, metadata);
    const token = attempts.at(-1)?.token?.value;
    const hide = await hidingCredentials(readEnvironment(environment).options.client, token);
    const requested = { attempts, clientId, server, tokenEndpoint, environment, hide, now: Date.now() };
    const ofToken = token === undefined ? [] : await checkToken(token, api);
    return {
      checks: [checkAttempts(requested), ...ofToken.map((each) => hiddenIn(each, hide))],
      token: token === undefined ? token : shownToken(token, hide),
    };
  } catch (error) {
    if (!hasCode(error, 'ERR_M2M_CONFIGURATION')) throw error;
    const problems = error.problems.map(ofVariable);
    return { checks: problems.map((each) => wrong(each.option, each.problem, each.remedy)), token: undefined };
  }
}

async function checkToken(token: string, api: ExplainedApi | string): Promise<readonly Check[]> {
  if (typeof api === 'string') return [unknown('token', api)];
  const { checks } = await explainToken(token, api);
  return checks.map((check) => ({ ...check, name: `token: ${check.name}` }));
}
