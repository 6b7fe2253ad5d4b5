import { describe, expect, it } from '@jest/globals';
import type { HandlerRow } from '../../../../lib/cli/handlers/handler-row.js';
import { tableAsMarkdown, tableAsText } from '../../../../lib/cli/handlers/handler-table.js';

const ROW: HandlerRow = {
  handler: 'Products.list',
  transport: 'message',
  httpMethod: undefined,
  paths: undefined,
  versions: undefined,
  pattern: 'list',
  access: 'm2m',
  userStrategies: [],
  tokenOptional: false,
  scopes: [],
  anyScope: [],
  clients: [],
  audiences: [],
};

describe('tableAsMarkdown', () => {
  it.each([
    ['a|b', '`message a\\|b`'],
    ['a`b', '`` message a`b ``'],
    ['``|`', '``` message ``\\|` ```'],
  ])('writes the pattern %s as one span of code', (pattern, span) => {
    const row = tableAsMarkdown([{ ...ROW, pattern }]).split('\n')[2];
    expect(row).toBe(`| ${span} | \`Products.list\` | machines |  |  |  |`);
  });
});

describe('tableAsText', () => {
  it('has every heading, and counts none, without a handler', () => {
    expect(tableAsText([])).toBe('Route  Handler  Access  Scopes  Clients  Audience\n\n0 handlers: none');
  });

  it('keeps a pattern with new lines in its line', () => {
    const lines = tableAsText([{ ...ROW, pattern: 'a\nGET /admin  public' }]).split('\n');
    expect(lines.slice(1)).toEqual([
      'message a?GET /admin  public  Products.list  machines',
      '',
      '1 handlers: 1 machines',
    ]);
  });
});
