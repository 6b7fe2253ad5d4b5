import type { Clock } from '../../time/clock.js';
import type { QuotaState } from './dialect.js';
import { Refusal } from './refusal.js';
import type { RegisteredClient } from './registry.js';

const WINDOWS = [
  { bucket: 'per_hour', name: 'perHour', length: 3_600_000 },
  { bucket: 'per_day', name: 'perDay', length: 86_400_000 },
] as const;

interface Use {
  readonly startedAt: number;
  readonly count: number;
}

/** Counts the token requests of each client in fixed windows. */
export class Quotas {
  private readonly uses = new Map<string, Use>();

  constructor(
    private readonly clock: Clock,
    /** How the product tells a client its quota. */
    private readonly headers: (states: readonly QuotaState[]) => Readonly<Record<string, string>>,
  ) {}

  /** Counts one request, and returns the headers that say so. @throws Refusal with `Retry-After` if the quota is used up */
  use(client: RegisteredClient): Readonly<Record<string, string>> {
    const states = this.of(client);
    const exhausted = states.filter(({ remaining }) => remaining === 0);
    if (exhausted.length > 0) {
      const retryAfter = Math.max(...exhausted.map(({ resetsIn }) => resetsIn));
      throw new Refusal('quota_exceeded', client.id, {
        ...this.headers(states),
        'retry-after': String(retryAfter),
      });
    }
    const now = this.clock.wall();
    for (const { bucket, length } of WINDOWS) {
      const { startedAt, count } = this.current(client, bucket, length, now);
      this.uses.set(`${bucket} ${client.id}`, { startedAt, count: count + 1 });
    }
    return this.headers(this.of(client));
  }

  private of(client: RegisteredClient): readonly QuotaState[] {
    const now = this.clock.wall();
    return WINDOWS.flatMap(({ bucket, name, length }) => {
      const limit = client.quota?.[name];
      if (limit === undefined) return [];
      const { startedAt, count } = this.current(client, bucket, length, now);
      const resetsIn = Math.ceil((startedAt + length - now) / 1000);
      return [{ bucket, limit, remaining: Math.max(0, limit - count), resetsIn }];
    });
  }

  private current({ id }: RegisteredClient, bucket: string, length: number, now: number): Use {
    const use = this.uses.get(`${bucket} ${id}`);
    return use && now < use.startedAt + length ? use : { startedAt: now, count: 0 };
  }
}
