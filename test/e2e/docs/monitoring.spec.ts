import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { INSTRUMENTS } from '../../../lib/opentelemetry/instruments.js';
import { GRAPHS } from '../../graphs/graphs.js';
import { asUsersWriteIt, page } from '../../support/documentation.js';
import { codeIn } from '../../support/markdown.js';
import { root } from '../../support/type-check.js';

const guide = page('docs/monitoring/README.md');

describe('docs/monitoring/README.md', () => {
  it('has every metric with its unit', () => {
    const listed = guide.table('## Metrics').map(([name = '', unit = '']) => [...codeIn(name), ...codeIn(unit)]);
    expect(listed).toEqual(Object.values(INSTRUMENTS).map(({ name, unit }) => [name, unit]));
  });

  it('has every alert of the rules', () => {
    const rules = readFileSync(join(root, 'docs/monitoring/prometheus-rules.yml'), 'utf8');
    const listed = guide.table('## Alerts').flatMap(([name = '']) => codeIn(name));
    expect(listed).toEqual(rules.match(/(?<=alert: )\w+/g));
  });

  it('shows every picture, each with its query and a text for those who do not see it', () => {
    const shown = [...guide.text.matchAll(/`([^`\n]+)`[^`\n]*\n\n!\[([^\]]+)\]\(([\w-]+)\.png\)/g)];
    expect(Object.fromEntries(shown.map(([, query, , name]) => [name, query]))).toEqual(GRAPHS);
    const pictures = readdirSync(join(root, 'docs/monitoring')).filter((name) => name.endsWith('.png'));
    expect(pictures).toEqual(
      Object.keys(GRAPHS)
        .map((name) => `${name}.png`)
        .toSorted(),
    );
  });

  it.each(['test/e2e/terminus/recipes/health.module.ts'])('shows %s, which is tested', (file) => {
    const code = asUsersWriteIt(readFileSync(join(root, file), 'utf8'));
    expect(guide.blocks('ts')).toContain(code);
  });
});
