import { describe, expect, it } from '@jest/globals';
import { LOG_IDS } from '../../../lib/events/log-ids.js';
import { page } from '../../support/documentation.js';

const runbook = page('docs/runbook.md');

describe('docs/runbook.md', () => {
  it('says of every id of a log line what it means and what to do, in the order of the ids', () => {
    const rows = runbook.table('## Log lines');
    expect(rows.map(([id]) => id)).toEqual(Object.values(LOG_IDS).map((id) => `\`${id}\``));
    expect(rows.filter((cells) => cells.length !== 4 || cells.includes(''))).toEqual([]);
  });
});
