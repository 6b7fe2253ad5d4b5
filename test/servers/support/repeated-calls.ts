import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../support/until.js';

/** The same call, again and again. */
export class RepeatedCalls implements AsyncDisposable {
  private made = 0;
  private isStopped = false;
  private readonly failures: unknown[] = [];
  private readonly end: Promise<void>;

  constructor(private readonly call: () => Promise<unknown>) {
    this.end = this.repeat();
  }

  /** Resolves after so many more calls. */
  async hasMade(calls: number): Promise<void> {
    const goal = this.made + calls;
    await until(() => this.made >= goal);
  }

  /** Ends it. @returns what calls failed with */
  async stop(): Promise<readonly unknown[]> {
    this.isStopped = true;
    await this.end;
    return this.failures;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private async repeat(): Promise<void> {
    while (!this.isStopped) {
      await this.call().catch((error: unknown) => this.failures.push(error));
      this.made += 1;
      await pause(10);
    }
  }
}
