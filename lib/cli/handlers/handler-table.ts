import { inOneLine } from '../../errors/printable.js';
import type { HandlerRow } from './handler-row.js';

const HEADINGS = ['Route', 'Handler', 'Access', 'Scopes', 'Clients', 'Audience'];

/** The words for who is let in. */
const ACCESS = {
  m2m: 'machines',
  claimed: 'claimed',
  user: 'users',
  public: 'public',
  none: 'UNGUARDED',
} as const satisfies Record<HandlerRow['access'], string>;

/** The map as text, in columns, with a line that counts. */
export function tableAsText(rows: readonly HandlerRow[]): string {
  const cells = [HEADINGS, ...rows.map(cellsOf)];
  const used = HEADINGS.map((_, column) => rows.length === 0 || cells.slice(1).some((row) => row[column] !== ''));
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (used[column] ? cell.padEnd((widths[column] ?? 0) + 2) : ''))
      .join('')
      .trimEnd(),
  );
  return [...lines, '', countOf(rows)].join('\n');
}

/** The map as a table of Markdown. */
export function tableAsMarkdown(rows: readonly HandlerRow[]): string {
  const body = rows.map((row) => {
    const [route = '', handler = '', access = '', ...others] = cellsOf(row);
    return line([code(route), code(handler), access, ...others.map(code)]);
  });
  return [line(HEADINGS), line(HEADINGS.map(() => '---')), ...body].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A code span, which more backticks than it holds enclose. A pipe would end the cell. */
function code(cell: string): string {
  if (cell === '') return '';
  const runs = [...cell.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = '`'.repeat(Math.max(0, ...runs) + 1);
  const space = runs.length > 0 ? ' ' : '';
  return `${fence}${space}${cell.replaceAll('|', String.raw`\|`)}${space}${fence}`;
}

function cellsOf(row: HandlerRow): readonly string[] {
  const scopes = [...row.scopes, ...row.anyScope.map((group) => `one of (${group.join(', ')})`)];
  const clients = row.clients.map((group) =>
    group.map((client) => (typeof client === 'string' ? client : `${client.clientId} of ${client.issuer}`)).join(', '),
  );
  const users = row.userStrategies.map((name) => `users by ${name}`);
  const optional = row.tokenOptional ? ['token optional'] : [];
  const access = [ACCESS[row.access], ...users, ...optional].join(', ');
  return [routeOf(row), row.handler, access, scopes.join(', '), clients.join(' and '), row.audiences.join(', ')].map(
    inOneLine,
  );
}

function routeOf({ transport, httpMethod, paths, versions, pattern }: HandlerRow): string {
  if (transport !== 'http') return `${transport} ${typeof pattern === 'string' ? pattern : JSON.stringify(pattern)}`;
  const ofVersions = versions === undefined ? '' : ` (version ${versions.join(', ')})`;
  return `${httpMethod} ${paths?.join(', ')}${ofVersions}`;
}

function countOf(rows: readonly HandlerRow[]): string {
  const kinds = Object.entries(ACCESS).map(([access, word]) => {
    const count = rows.filter((row) => row.access === access).length;
    return count === 0 ? '' : `${count} ${word}`;
  });
  return `${rows.length} handlers: ${kinds.filter(Boolean).join(', ') || 'none'}`;
}
