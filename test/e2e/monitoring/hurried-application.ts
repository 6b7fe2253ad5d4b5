import { TestClock } from '../../../lib/testing/test-clock.js';
import { until } from '../../support/until.js';
import { MonitoredApplication } from './monitored-application.js';

const MINUTE = 60_000;

/** What happens to an application in hours, in seconds: its clock is moved on. */
export class HurriedApplication implements AsyncDisposable {
  private constructor(
    private readonly app: MonitoredApplication,
    private readonly clock: TestClock,
  ) {}

  static async start(): Promise<HurriedApplication> {
    const clock = new TestClock();
    return new HurriedApplication(await MonitoredApplication.start(clock, 60 * MINUTE), clock);
  }

  /** Host and port of its metrics. */
  get target(): string {
    return this.app.target;
  }

  /** Waits until what was counted so far is scraped: a series that begins between two scrapes shows no increase. */
  scraped: () => Promise<void> = () => Promise.resolve();

  /** A token, calls with it, callers, and a renewal. @returns the answers to the callers */
  async work(): Promise<readonly number[]> {
    const { app } = this;
    for (let each = 0; each < 5; each++) await app.m2m.getToken();
    const token = await app.token();
    const answers = [await app.call(token), await app.call(token)];
    await this.scraped();
    await this.clock.advance(58 * MINUTE);
    await app.m2m.getToken();
    await until(() => app.m2m.stats().tokenRequests === 2);
    return [...answers, await app.call(await app.token())];
  }

  /** Callers with an expired token, and with too few scopes. @returns the answers to them */
  async refuse(): Promise<readonly number[]> {
    const { app } = this;
    const expired = await app.token({ expiresIn: -MINUTE });
    return [await app.call(expired), await app.call(await app.token({ scope: 'write:products' }))];
  }

  /**
   * The authorization server is down: the last seconds of a token, keys that are old, then neither token nor keys.
   *
   * @returns the answers to callers, and the errors of the application's own calls
   */
  async loseServer(): Promise<readonly unknown[]> {
    const { app } = this;
    await app.server.goDown();
    await this.clock.advance(59.9 * MINUTE);
    await app.m2m.getToken();
    await app.m2m.getToken();
    const onOldKeys = await app.call(await app.token());
    await this.scraped();
    await this.clock.advance(15 * MINUTE);
    const withoutKeys = await app.call(await app.token());
    const errors: unknown[] = [];
    for (let each = 0; each < 4; each++) {
      await app.m2m.getToken().catch((error: { code: unknown }) => errors.push(error.code));
      await app.m2m.retryNow();
    }
    return [onOldKeys, withoutKeys, ...new Set(errors)];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.app[Symbol.asyncDispose]();
  }
}
