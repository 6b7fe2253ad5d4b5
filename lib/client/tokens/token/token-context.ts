import type { ResolvedClient } from '../../../options/resolved-options.js';
import type { Random } from '../../../time/backoff.js';
import type { Clock } from '../../../time/clock.js';
import type { Sleeper } from '../../../time/sleeper.js';
import type { M2MClientEvent } from '../../events/m2m-client-event.js';
import type { Counts } from '../../events/stats.js';

/** The surroundings that all parts of one client's token pipeline share. */
export interface TokenContext {
  readonly client: ResolvedClient;
  readonly counts: Counts;
  readonly clock: Clock;
  readonly sleeper: Sleeper;
  readonly random: Random;
  emit(event: M2MClientEvent): void;
}
