import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { LOG_IDS } from '../../../lib/events/log-ids.js';
import { root } from '../../support/type-check.js';

const lib = join(root, 'lib');
const sources = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && path !== 'events/log-ids.ts')
  .map((path) => ({ path, text: readFileSync(join(lib, path), 'utf8') }));

describe('the ids of log lines', () => {
  it('are M2M- and four digits, each once and in their order', () => {
    const ids = Object.values(LOG_IDS);
    expect(ids.filter((id) => !/^M2M-[1-3]\d{3}$/.test(id))).toEqual([]);
    expect(ids).toEqual([...new Set(ids)].toSorted());
  });

  it('are all in use', () => {
    const code = sources.map(({ text }) => text).join('\n');
    // Those of refusals are chosen by the status.
    const named = Object.keys(LOG_IDS).filter((name) => !name.startsWith('REFUSED_WITH_'));
    expect(named.filter((name) => !code.includes(`LOG_IDS.${name}`))).toEqual([]);
    expect(code).toContain('LOG_IDS[`REFUSED_WITH_${status}`]');
  });

  it('are each seen in a log by a test', () => {
    const folder = join(root, 'test');
    const specs = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.spec.ts') && !path.includes('node_modules'))
      .map((path) => readFileSync(join(folder, path), 'utf8'))
      .join('\n');
    expect(Object.values(LOG_IDS).filter((id) => !specs.includes(id))).toEqual([]);
  });

  it('begin every line, because one function leads to the loggers of Nest, and it takes an id', () => {
    const logs = sources.filter(({ text }) => /\bLogger\b(?!\.overrideLogger)|\bconsole\.\w+\(/.test(codeOf(text)));
    // The command line has no Nest logger: open-guard.ts silences it.
    expect(logs.map(({ path }) => path).filter((path) => path !== 'cli/explain/open-guard.ts')).toEqual([
      'events/identified-logger.ts',
    ]);
  });
});

/** A file without its comments. */
function codeOf(text: string): string {
  return text.replaceAll(/\/\*.*?\*\/|^\s*\/\/.*$/gms, '');
}
