import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { systemClock } from '../../lib/time/clock.js';
import { MonitoredApplication } from '../e2e/monitoring/monitored-application.js';
import { describeWithChromium, startChromium } from '../support/chromium.js';
import { PrometheusServer } from '../support/prometheus-server.js';
import { root } from '../support/type-check.js';
import { GRAPHS } from './graphs.js';

const SECOND = 1000;
const MOST_BYTES = 60_000;

// Takes the pictures of docs/monitoring/ anew: `npm run graphs`. Look at them before you commit them.
describeWithChromium('the graphs of docs/monitoring/, of an application that runs for five minutes', () => {
  let app: MonitoredApplication;
  let prometheus: PrometheusServer;
  let browser: Browser;
  const answers = new Set<number>();
  let failedCalls = 0;

  beforeAll(async () => {
    app = await MonitoredApplication.start(systemClock, 60 * SECOND);
    prometheus = await PrometheusServer.start(app.target, 'orders');
    await prometheus.scrapedAgain();
    const good = await app.token();
    const unscoped = await app.token({ scope: 'write:products' });
    const expired = await app.token({ expiresIn: -60 * SECOND });
    const call = async (token: string) => answers.add(await app.call(token));
    await Promise.all([
      every(SECOND / 5, 0, 280, () => app.m2m.getToken().catch(() => failedCalls++)),
      every(SECOND / 2, 0, 280, () => call(good)),
      every(SECOND / 2, 215, 245, () => call(unscoped)),
      every(SECOND, 230, 260, () => call(expired)),
      pause(100 * SECOND).then(() => app.server.goDown()),
      pause(160 * SECOND).then(() => app.server.comeBack()),
    ]);
    browser = await startChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await prometheus?.[Symbol.asyncDispose]();
    await app?.[Symbol.asyncDispose]();
  });

  it('the application went through renewals, an outage, and refused callers', () => {
    const { tokenRequests, failures, servedDuringOutage } = app.m2m.stats();
    expect(tokenRequests - failures).toBeGreaterThanOrEqual(4);
    expect(failures).toBeGreaterThan(0);
    expect(servedDuringOutage).toBeGreaterThan(0);
    expect(failedCalls).toBeGreaterThan(0);
    expect(answers).toEqual(new Set([200, 401, 403]));
  });

  it.each(Object.entries(GRAPHS))('takes %s.png, a small picture', async (name, query) => {
    const file = join(root, `docs/monitoring/${name}.png`);
    const page = await browser.newPage({ viewport: { width: 800, height: 1200 } });
    const parameters = new URLSearchParams({ 'g0.expr': query, 'g0.tab': '0', 'g0.range_input': '5m' });
    await page.goto(`${prometheus.url}/classic/graph?${parameters.toString()}`);
    await page.locator('.legend .line').first().waitFor();
    const area = (await page.locator('.graph_area').boundingBox())!;
    const legend = (await page.locator('.legend').boundingBox())!;
    const height = legend.y + legend.height - area.y + 12;
    await page.screenshot({ path: file, clip: { x: area.x - 20, y: area.y - 8, width: area.width + 20, height } });
    await page.close();
    expect(statSync(file).size).toBeLessThan(MOST_BYTES);
  });
});

/** Does something again and again, from one second of the run to another. @param interval milliseconds */
async function every(interval: number, from: number, to: number, act: () => Promise<unknown>): Promise<void> {
  const end = performance.now() + to * SECOND;
  await pause(from * SECOND);
  while (performance.now() < end) {
    await act();
    await pause(interval);
  }
}
