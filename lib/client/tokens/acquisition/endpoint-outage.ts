import { outagePause, type Random } from '../../../time/backoff.js';
import type { Clock } from '../../../time/clock.js';
import { later, now, until, type Moment } from '../../../time/moment.js';
import { withTimeout } from '../../../time/timeout.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import type { TokenRequestFailure } from '../endpoint/token-request-failure.js';
import { RequestPostponed } from '../token/postponed.js';
import { errorOf, recordOf, type FailureRecord } from './failure-record.js';

/**
 * The outage of an endpoint: it cannot be reached, or has failures of its own. All clients of the application share it. A
 * function that gets tokens has one for each token.
 * After each failure there is a pause without requests. The first request after it is the probe, and the others wait
 * for its result.
 */
export class EndpointOutage {
  /** The last failure. `undefined` if the endpoint works, as far as is known. */
  #last: { readonly record: FailureRecord; readonly pauseEnds: Moment } | undefined;
  /** Ends with the probe, and never rejects. */
  #probe: Promise<void> | undefined;
  #endProbe: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** How many probes failed since the endpoint worked. 0 if it works. */
  get failures(): number {
    return this.#last?.record.count ?? 0;
  }

  /** @throws RequestPostponed during a pause, unless a probe is under way */
  check(): void {
    if (!this.#last || this.#probe) return;
    const pause = until(this.#last.pauseEnds, this.clock);
    if (pause > 0) throw new RequestPostponed(errorOf(this.#last.record, pause), pause);
  }

  /**
   * Waits for the probe that is under way. Returns whether the caller's own request is the probe now; its caller ends it
   * with `endProbe`.
   *
   * @param timeout milliseconds
   * @throws RequestPostponed if the probe failed, or did not end in time
   */
  async enter(timeout: number): Promise<boolean> {
    const deadline = this.clock.monotonic() + timeout;
    while (this.#probe) {
      const ended = await withTimeout(
        this.#probe.then(() => true),
        deadline - this.clock.monotonic(),
        this.clock,
      );
      if (!ended) throw new RequestPostponed(tooSlow(timeout), 0);
    }
    this.check();
    return this.#last !== undefined && this.beginProbe();
  }

  /** Makes the next request of the caller the probe. `false` if another one is under way. */
  beginProbe(): boolean {
    if (this.#probe) return false;
    this.#probe = new Promise((resolve) => (this.#endProbe = resolve));
    return true;
  }

  /** Lets those go on who wait for the probe. Returns whether there still is one. */
  endProbe(): false {
    this.#probe = undefined;
    this.#endProbe();
    return false;
  }

  /**
   * Begins a pause.
   *
   * @param failuresBefore `failures` when the request began. Requests that were sent together fail together, once
   */
  failed(failure: TokenRequestFailure, { retry }: ResolvedClient, failuresBefore: number): void {
    if (failuresBefore !== this.failures) return;
    const count = failuresBefore + 1;
    const { retryAfter = 0 } = failure;
    // A server that says 0 would be asked more often than one that says nothing.
    const pause = Math.max(outagePause(count, retry, this.random), retryAfter * 1000);
    this.#last = {
      record: recordOf(failure, { kind: 'outage', count, pause }),
      pauseEnds: later(now(this.clock), pause),
    };
  }

  /** Ends the outage: the endpoint answered, or somebody knows that it does. */
  end(): void {
    this.#last = undefined;
  }
}

function tooSlow(timeout: number): Error {
  return new TokenEndpointError(
    `no token is requested: requests fail, and another one was not answered within ${Math.ceil(timeout)} ms`,
  );
}
