import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import type { M2MClientOptions } from '../../../lib/options/client-options.js';
import type { Clock } from '../../../lib/time/clock.js';
import { startGuardedApp } from '../../support/guarded-app.js';

/** A running application that calls others. */
export interface CallingApp extends AsyncDisposable {
  readonly m2m: M2MClientService;
}

/** Starts an application with the outbound half. A server that has just started on a busy machine may take seconds. */
export async function startCaller(client: M2MClientOptions, clock?: Clock): Promise<CallingApp> {
  const guarded = await startGuardedApp({
    options: { client: { timeout: 60_000, ...client } },
    ...(clock && { clock }),
  });
  return { m2m: guarded.app.get(M2MClientService), [Symbol.asyncDispose]: () => guarded[Symbol.asyncDispose]() };
}

/** A token that a client gets for itself. */
export async function tokenOf(client: M2MClientOptions): Promise<string> {
  await using caller = await startCaller(client);
  return caller.m2m.getToken();
}
