import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPrinted, kill } from './child-process.js';
import { describeWith } from './describe-with.js';
import { freePort } from './free-port.js';
import { until } from './until.js';

/** `describe` for tests with a real Prometheus; they are skipped if it is missing, but not in CI. */
export const describeWithPrometheus = describeWith(
  'a real Prometheus',
  'prometheus',
  ['prometheus', 'promtool'].map((name) => [name, spawnSync(name, ['--version']).status === 0]),
);

/** A rule as Prometheus has read it. */
export interface LoadedRule {
  readonly name: string;
  readonly query: string;
}

/** A real Prometheus on a free port of the loopback interface, which scrapes one target five times a second. */
export class PrometheusServer implements AsyncDisposable {
  private constructor(
    /** Scheme, host and port. */
    readonly url: string,
    private readonly directory: string,
    private readonly child: ChildProcess,
  ) {}

  /** @param target host and port @param job the label of its series @param rules files of rules */
  static async start(target: string, job: string, ...rules: readonly string[]): Promise<PrometheusServer> {
    const directory = mkdtempSync(join(tmpdir(), 'nestjs-m2m-prometheus-'));
    const address = `127.0.0.1:${await freePort()}`;
    const configuration = {
      global: { scrape_interval: '200ms', scrape_timeout: '200ms', evaluation_interval: '1h' },
      rule_files: rules,
      scrape_configs: [{ job_name: job, static_configs: [{ targets: [target] }] }],
    };
    // YAML has JSON in it.
    writeFileSync(join(directory, 'prometheus.yml'), JSON.stringify(configuration));
    const options = [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=${address}`,
    ];
    const child = spawn('prometheus', options, { stdio: ['ignore', 'ignore', 'pipe'] });
    await hasPrinted(child.stderr, ['Server is ready to receive web requests']);
    return new PrometheusServer(`http://${address}`, directory, child);
  }

  /** The values of an instant query, without those that are no number. @throws Error for a query that is wrong */
  async query(query: string): Promise<readonly number[]> {
    const { result } = await this.#get<{ result: { value: [number, string] }[] }>(
      `query?${new URLSearchParams({ query }).toString()}`,
    );
    return result.map(({ value }) => Number(value[1])).filter((value) => !Number.isNaN(value));
  }

  /** The rules of its file. */
  async rules(): Promise<readonly LoadedRule[]> {
    const { groups } = await this.#get<{ groups: { rules: LoadedRule[] }[] }>('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  /** Resolves when the target was scraped three more times. */
  async scrapedAgain(): Promise<void> {
    const before = await this.#scrapes();
    await until(async () => (await this.#scrapes()) >= before + 3);
  }

  async #scrapes(): Promise<number> {
    return (await this.query('count_over_time(up[1h])'))[0] ?? 0;
  }

  async #get<Data>(path: string): Promise<Data> {
    const answer = await fetch(`${this.url}/api/v1/${path}`);
    const { data, error } = (await answer.json()) as { data: Data; error?: string };
    if (error !== undefined) throw new Error(`Prometheus: ${error}`);
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await kill(this.child);
    rmSync(this.directory, { recursive: true });
  }
}
