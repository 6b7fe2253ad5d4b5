import { hash } from 'node:crypto';
import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import { currentCallerToken } from '../../caller/caller-context.js';
import { presentCallerToken, requireOpen, type CallerToken, type SubjectToken } from '../../caller/caller-token.js';
import { M2MConfigurationError } from '../../errors/configuration.error.js';
import { NoCallerTokenError } from '../../errors/no-caller-token.error.js';
import { requestedParameters } from '../../options/requested-parameters.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import { noParameters } from '../../options/token-parameters.js';
import type { Clock } from '../../time/clock.js';
import { memberOf } from '../../validation/checks.js';
import type { TokenManager } from '../tokens/token-manager.js';
import type { M2MRequestOptions } from './m2m-request-options.js';
import type { ClientTokens } from './client-tokens.js';
import type { TokenUse } from './token-use.js';

/** What a request may say about its token if that is the caller's. */
const OF_CALLER = 'onBehalfOf';

/**
 * The token of the caller, as it is relayed to a target: that of `onBehalfOf`, else that of the current inbound request. Never
 * another one, and never none.
 *
 * @throws NoCallerTokenError if there is none that may be used, or if it is not for the target
 * @throws M2MConfigurationError for a request that says more about the token than whose it is
 */
export async function relayedToken(
  target: ResolvedTarget,
  request: M2MRequestOptions | undefined,
): Promise<SubjectToken> {
  if (request !== undefined) refuseOtherFields(target, request);
  const subject = await presentCallerToken(callerOf(target, request));
  const { audience } = target.token;
  if (audience === undefined || subject.caller.audience.includes(audience)) return subject;
  throw new NoCallerTokenError(
    `the token of the caller is not relayed to the target ${target.name}: its aud does not name ${audience}`,
  );
}

/**
 * The token that is got in exchange for that of the caller, and what is kept for that caller alone.
 *
 * @throws NoCallerTokenError if there is no token of a caller that may be used
 */
export async function exchangeUse(
  client: Pick<ClientTokens, 'name' | 'manager' | 'exchangeFor'>,
  target: ResolvedTarget,
  parameters: TokenParameters,
  request: M2MRequestOptions | undefined,
  clock: Pick<Clock, 'wall'>,
): Promise<TokenUse & { readonly manager: TokenManager }> {
  const onBehalfOf = callerOf(target, request);
  const subject = await presentCallerToken(onBehalfOf);
  const exchanged = await client.exchangeFor(target, parameters, subject, clock.wall());
  // The token of the actor may have taken a while.
  requireOpen(onBehalfOf);
  const callerKey = hash('sha256', JSON.stringify([parameters, subject.value]));
  return {
    target,
    client: client.name,
    parameters: exchanged,
    manager: client.manager.exchanged,
    callerKey,
    onBehalfOf,
  };
}

/** @throws NoCallerTokenError */
function callerOf({ name, tokenChoice }: ResolvedTarget, request: M2MRequestOptions | undefined): CallerToken {
  // A getter may answer with a handle first, and with nothing later.
  const isGiven = request !== undefined && OF_CALLER in request;
  const handle = (request && memberOf(request, OF_CALLER)) ?? (isGiven ? undefined : currentCallerToken());
  if (handle) return handle;
  throw new NoCallerTokenError(
    `no token goes to the target ${name} (token: '${tokenChoice}'): this code runs for no inbound request whose token was ` +
      'accepted. Outside of a request, or under @Public(), call a target of your own, or give onBehalfOf',
  );
}

function refuseOtherFields({ name }: ResolvedTarget, request: M2MRequestOptions): void {
  requestedParameters(noParameters, request);
  const other = Object.keys(request).find(
    (field) => field !== OF_CALLER && memberOf(request, field as keyof M2MRequestOptions) !== undefined,
  );
  if (other === undefined) return;
  throw new M2MConfigurationError({
    option: `request.${other}`,
    problem: `has no effect: requests to the target ${name} carry the token of the caller, as it is`,
    remedy: 'm2m: { onBehalfOf: token }\nor no m2m at all',
  });
}

/**
 * Refuses a caller for a token that is the client's own: the target would take the request for one of the client.
 *
 * @param target `undefined`: the token is for none
 * @throws M2MConfigurationError
 */
export function refuseCaller(target: ResolvedTarget | undefined, request: M2MRequestOptions): void {
  if (memberOf(request, OF_CALLER) === undefined) return;
  const name = target ? target.name : 'shop';
  throw new M2MConfigurationError({
    option: `request.${OF_CALLER}`,
    problem: target
      ? `names a caller, but requests to the target ${name} carry the token of the client itself`
      : 'names a caller, but no target: the token would be that of the client itself',
    remedy: `token: 'exchange' in client.targets.${name}\nor token: 'relay' there\nor no onBehalfOf`,
  });
}

/**
 * Refuses to hand out a token that is the caller's: its handle shows it to nobody.
 *
 * @throws M2MConfigurationError for a target that the token of the caller is relayed to
 */
export function refuseIfRelayed(target: ResolvedTarget | undefined): void {
  if (target?.tokenChoice !== 'relay') return;
  throw new M2MConfigurationError({
    option: `client.targets.${target.name}.token`,
    problem: "is 'relay': its token is that of the caller, which is put on requests and given to nobody",
    remedy: `m2m.for('${target.name}'), m2m.http or m2m.fetch, which send it`,
  });
}

/**
 * Refuses to keep a token that depends on a caller: nothing renews it once its request has ended.
 *
 * @throws M2MConfigurationError
 */
export function refuseIfKept(target: ResolvedTarget | undefined): void {
  if (target?.tokenChoice !== 'exchange') return;
  throw new M2MConfigurationError({
    option: `client.targets.${target.name}.token`,
    problem: "is 'exchange': its token goes with the request of its caller, and cannot be kept",
    remedy: `getToken({ target: '${target.name}', onBehalfOf })`,
  });
}
