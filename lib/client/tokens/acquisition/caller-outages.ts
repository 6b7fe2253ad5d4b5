import type { EndpointOutage } from './endpoint-outage.js';
import type { Outages, TokenOutages } from './outages.js';

/**
 * The outages that requests on behalf of callers may meet. What a server answers to the token of one caller tells nothing
 * about others, so each token has an outage of its own. One that the client's own requests have met holds for all.
 */
export class CallerOutages implements Outages {
  constructor(
    private readonly ofClient: Outages,
    private readonly ofCallers: TokenOutages,
  ) {}

  /** @throws RequestPostponed during a pause of the client's own requests */
  of(key: string): EndpointOutage {
    this.ofClient.of(key).check();
    return this.ofCallers.of(key);
  }

  end(): void {
    this.ofCallers.end();
  }
}
