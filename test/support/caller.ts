import { openCallerToken, type AcceptedToken, type CallerToken } from '../../lib/caller/caller-token.js';
import { CallerContext } from '../../lib/caller/caller-context.js';
import type { M2MCaller } from '../../lib/caller/m2m-caller.js';
import { VerifiedCaller } from '../../lib/caller/verified-caller.js';
import { runInRequest } from '../../lib/request-context/request-context.js';

const HOUR = 3600 * 1000;

/** A caller as the guard finds it in a token. */
export function callerOf({
  issuer = 'http://127.0.0.1:1',
  clientId = 'web-shop',
  subject = clientId,
  audience = ['orders-api'],
  expiresAt = Date.now() + HOUR,
  claims = {},
}: Partial<M2MCaller> = {}): M2MCaller {
  const found = { clientId, scopes: [], audience, organization: undefined, kind: 'machine' as const };
  return new VerifiedCaller(issuer, found, subject, expiresAt, JSON.stringify(claims));
}

/** A handle of a token that was accepted. */
export function tokenOf(value: string, caller: Partial<M2MCaller> = {}): CallerToken {
  const admitted = callerOf(caller);
  return openCallerToken({ value, admit: () => Promise.resolve(admitted) });
}

/** Runs code for an inbound request that came with a token. @param admit lets it in once more */
export function inRequestOf<T>(
  value: string,
  run: (context: CallerContext) => T,
  admit: () => Promise<M2MCaller> = () => Promise.resolve(callerOf()),
): T {
  const context = new CallerContext();
  context.fill(accepted(value, admit));
  return runInRequest(context, () => run(context));
}

function accepted(value: string, admit: AcceptedToken['admit']): AcceptedToken {
  return { value, admit };
}
