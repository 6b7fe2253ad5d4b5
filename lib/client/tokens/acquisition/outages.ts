import { LRUCache } from 'lru-cache';
import { getOrInsert } from '../../../collections/get-or-insert.js';
import type { Random } from '../../../time/backoff.js';
import type { Clock } from '../../../time/clock.js';
import { KEY_LIMIT } from '../token/cache-key.js';
import { EndpointOutage } from './endpoint-outage.js';

/** The outages that one client's token requests may meet. */
export interface Outages {
  /** The outage that requests for the token under a cache key share. @throws RequestPostponed if they meet a pause of others */
  of(key: string): EndpointOutage;
  /** Ends all of them: somebody knows that requests succeed again. */
  end(): void;
}

/** All requests of a client go to one endpoint, whose outage other clients may share. */
export function outagesOf(outage: EndpointOutage): Outages {
  return { of: () => outage, end: () => outage.end() };
}

/** Each token has an outage of its own: a function that fails for one may work for the others. */
export class TokenOutages implements Outages {
  readonly #outages = new LRUCache<string, EndpointOutage>(KEY_LIMIT);

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  of(key: string): EndpointOutage {
    return getOrInsert<string, EndpointOutage>(this.#outages, key, () => new EndpointOutage(this.clock, this.random));
  }

  end(): void {
    for (const outage of this.#outages.values()) outage.end();
  }
}
