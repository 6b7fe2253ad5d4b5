import type { Clock } from '../../time/clock.js';
import { checkOptions, knownOptions } from '../options/check-arguments.js';
import type { TestEndpoint, TestFailure } from '../options/test-authorization-server-options.js';
import type { Answer } from './received-request.js';

interface Pending {
  readonly failure: TestFailure;
  times: number;
}

/** The faults that a test has switched on. */
export class Disturbances {
  private readonly failures: Pending[] = [];
  private readonly delays = new Map<TestEndpoint, number>();

  constructor(private readonly clock: Clock) {}

  /** @throws M2MConfigurationError */
  fail(failure: TestFailure): void {
    checkOptions('fail', failure, knownOptions.failure);
    this.failures.push({ failure, times: failure.times ?? 1 });
  }

  delay(milliseconds: number, endpoint: TestEndpoint): void {
    this.delays.set(endpoint, milliseconds);
  }

  async wait(endpoint: TestEndpoint | undefined): Promise<void> {
    const delay = endpoint && this.delays.get(endpoint);
    if (delay) await new Promise<void>((resolve) => void this.clock.after(delay, resolve));
  }

  /** The answer to give in place of the real one; uses it up. */
  take(endpoint: TestEndpoint | undefined): Answer | undefined {
    const next = this.failures.find(({ failure, times }) => times > 0 && (failure.endpoint ?? 'token') === endpoint);
    if (!next) return undefined;
    next.times -= 1;
    const { status = 503, headers = {}, body = '' } = next.failure;
    return { status, headers, body };
  }
}
