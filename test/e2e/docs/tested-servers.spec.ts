import { describe, expect, it } from '@jest/globals';
import { page } from '../../support/documentation.js';
import { HYDRA_VERSION } from '../../servers/hydra/hydra-binary.js';
import { CHECKS } from '../../servers/support/checks.js';
import { SERVERS } from '../../servers/support/real-server.js';

/** Of the table that `npm run test:servers` writes. */
const [, head = ''] = /^\|(.*)\|\n\| -+/m.exec(after('<!-- Written by npm run test:servers -->')) ?? [];

describe('the table of servers that are tested', () => {
  it('has every server that test/servers starts', () => {
    const columns = head.split('|').slice(1);
    expect(columns.map((column) => SERVERS.find((server) => column.trim().startsWith(`${server} `)))).toEqual(SERVERS);
  });

  it('has every check', () => {
    const rows = page('docs/authorization-servers.md').table('<!-- Written by npm run test:servers -->');
    expect(rows.map(([check]) => check)).toEqual(CHECKS);
  });
});

describe('the note on Ory Hydra', () => {
  it('has the version that test/servers builds, and the day on which it was tested', () => {
    const note = after('<!-- Written by npm run test:servers -- hydra -->').trim();
    expect(note).toMatch(new RegExp(`^Ory Hydra ${HYDRA_VERSION} passed .+ on \\d{4}-\\d\\d-\\d\\d`));
  });
});

function after(text: string): string {
  return page('docs/authorization-servers.md').text.split(text)[1] ?? '';
}
