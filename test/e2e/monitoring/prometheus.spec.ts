import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithPrometheus, PrometheusServer } from '../../support/prometheus-server.js';
import { root } from '../../support/type-check.js';
import { HurriedApplication } from './hurried-application.js';

const rules = join(root, 'docs/monitoring/prometheus-rules.yml');
const dashboard = JSON.parse(readFileSync(join(root, 'docs/monitoring/grafana-dashboard.json'), 'utf8')) as {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
};
const panels = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const));
/** They compare with an hour or a day ago. */
const NEED_HISTORY = new Set(['M2MTokenRequestsTripled', 'M2MRefusalsRise']);
/** The servers of this test have the time of the day, and the application a clock that is moved on. */
const ALWAYS = ['M2MClockSkew'];

describeWithPrometheus('docs/monitoring/, with an application that Prometheus scrapes', () => {
  let app: HurriedApplication;
  let prometheus: PrometheusServer;
  let before: readonly string[];
  let after: readonly string[];
  const answers: unknown[] = [];

  beforeAll(async () => {
    app = await HurriedApplication.start();
    prometheus = await PrometheusServer.start(app.target, 'orders', rules);
    app.scraped = () => prometheus.scrapedAgain();
    await app.scraped();
    answers.push(await app.work());
    await prometheus.scrapedAgain();
    before = await alerts();
    answers.push(await app.refuse(), await app.loseServer());
    await prometheus.scrapedAgain();
    after = await alerts();
  });

  afterAll(async () => {
    await prometheus[Symbol.asyncDispose]();
    await app[Symbol.asyncDispose]();
  });

  it('the application went through a renewal, refused callers, and an outage', () => {
    expect(answers).toEqual([
      [200, 200, 200],
      [401, 403],
      [200, 503, 'ERR_M2M_TOKEN_ENDPOINT'],
    ]);
  });

  it.each(panels)('the panel "%s" shows something', async (_, written) => {
    const query = written.replaceAll('$__rate_interval', '1m').replaceAll('$job', '.*');
    expect((await prometheus.query(query)).length).toBeGreaterThan(0);
    const meanwhile = await prometheus.query(`max_over_time((${query})[1m:200ms])`);
    expect(meanwhile.some((value) => value !== 0)).toBe(true);
  });

  it('the rules are silent while all is well, and each alert about an outage fires in one', async () => {
    const all = (await prometheus.rules()).map(({ name }) => name);
    expect(all.length).toBeGreaterThan(5);
    expect(before).toEqual(ALWAYS);
    expect(after).toEqual(all.filter((name) => !NEED_HISTORY.has(name)));
  });

  it('every name of a metric in the rules and the dashboard is one that the exporter writes', async () => {
    const queries = [...panels.map(([, query]) => query), readFileSync(rules, 'utf8')];
    const names = new Set(queries.flatMap((query) => query.match(/\bm2m_(?:client|server)_\w+/g) ?? []));
    for (const name of names)
      expect([name, await prometheus.query(`count({__name__="${name}"}) > 0`)]).toEqual([name, [expect.any(Number)]]);
    expect(names.size).toBeGreaterThan(10);
  });

  it('promtool finds no fault in the rules, and each alert fires when it should and not before', () => {
    const directory = mkdtempSync(join(tmpdir(), 'nestjs-m2m-promtool-'));
    try {
      copyFileSync(rules, join(directory, 'prometheus-rules.yml'));
      const test = join(directory, 'prometheus-rules.test.yml');
      copyFileSync(join(import.meta.dirname, 'prometheus-rules.test.yml'), test);
      const names = readFileSync(rules, 'utf8').match(/(?<=alert: )\w+/g) ?? [];
      const tested = new Set(readFileSync(test, 'utf8').match(/(?<=alertname: )\w+(?=\n)/g));
      expect(tested).toEqual(new Set(names));
      expect(execFileSync('promtool', ['check', 'rules', rules], { encoding: 'utf8' })).toContain('SUCCESS');
      expect(execFileSync('promtool', ['test', 'rules', test], { encoding: 'utf8' })).toContain('SUCCESS');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  /** The alerts whose condition holds now. */
  async function alerts(): Promise<readonly string[]> {
    const holding: string[] = [];
    for (const { name, query } of await prometheus.rules())
      if ((await prometheus.query(query)).length > 0) holding.push(name);
    return holding;
  }
});
