import type { TokenParameters } from '../../../authorization-servers/authorization-server.js';
import type { SubjectToken } from '../../../caller/caller-token.js';
import { NoCallerTokenError } from '../../../errors/no-caller-token.error.js';
import { checkExchange, expectedAudience, type ResolvedExchange } from '../../../options/token-exchange.js';
import type { ResolvedClient, ResolvedTarget } from '../../../options/resolved-options.js';
import { Problems } from '../../../validation/problems.js';
import { inTermsOfClient } from '../../events/client-in-words.js';

/** What a token is requested for in exchange for the token of a caller. It is never kept as it is: it holds tokens. */
export interface ExchangeParameters extends TokenParameters {
  readonly subject: SubjectToken;
  /** The value of the client's own token, if the exchange names the client as the actor. */
  readonly actor: string | undefined;
  readonly exchange: ResolvedExchange;
  /** What the `aud` of the result must name, one of these; `undefined`: it is not checked. */
  readonly expectedAudience: readonly string[] | undefined;
}

/** Whether a token is requested in exchange for another. */
export function isExchange(parameters: TokenParameters): parameters is ExchangeParameters {
  return Object.hasOwn(parameters, 'subject');
}

/**
 * What is requested in exchange for the token of a caller.
 *
 * @param actor gets the value of the client's own token
 * @throws NoCallerTokenError for the token of another issuer than the client's own, which would learn of it, and for one that
 * expires now
 * @throws M2MConfigurationError if its authorization server exchanges no tokens, or there is nothing to check the result by
 */
export async function exchangeParameters(
  client: ResolvedClient,
  parameters: TokenParameters,
  { name, exchange }: Pick<ResolvedTarget, 'name' | 'exchange'>,
  subject: SubjectToken,
  now: number,
  actor: () => Promise<string>,
): Promise<ExchangeParameters> {
  const { authorizationServer: server } = client;
  inTermsOfClient(client.name, () => {
    const problems = new Problems();
    checkExchange(problems, `client.targets.${name}`, server, parameters, exchange);
    problems.throwIfAny();
  });
  const { issuer, expiresAt } = subject.caller;
  if (!server?.acceptedIssuers.includes(issuer)) {
    throw new NoCallerTokenError(
      "the caller's token is of another issuer than the client, whose authorization server must not see it",
    );
  }
  if (expiresAt <= now) throw new NoCallerTokenError("the caller's token has expired");
  return Object.freeze({
    ...parameters,
    subject,
    actor: exchange.actor === 'client' ? await actor() : undefined,
    exchange,
    expectedAudience: expectedAudience(parameters, exchange),
  });
}
