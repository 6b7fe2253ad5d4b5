import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const PAGE = 'docs/authorization-servers.md';
const END = '<!-- End of what is written -->';
const BOTH_HALVES = /^(.+): both halves$/;

/** What is written after which run. */
const REPORTS = new Map([
  ['npm run test:servers', { write: tableOf, isOfCi: true }],
  ['npm run test:servers -- hydra', { write: noteOf, isOfCi: false }],
]);

/** Writes which server passed which check into the documentation. In CI it only compares. */
export default class MatrixReporter {
  #error;

  constructor({ testPathPatterns, testNamePattern }) {
    this.command = ['npm run test:servers', ...testPathPatterns.patterns].join(' -- ');
    this.isNamed = Boolean(testNamePattern);
  }

  async onRunComplete(_contexts, { numTotalTests, numPassedTests, numRuntimeErrorTestSuites, testResults }) {
    const report = this.isNamed ? undefined : REPORTS.get(this.command);
    if (!report || numPassedTests < numTotalTests || numRuntimeErrorTestSuites > 0) return;
    const page = readFileSync(PAGE, 'utf8');
    const matrix = matrixOf(testResults.flatMap((file) => file.testResults));
    const written = await replaced(page, `<!-- Written by ${this.command} -->`, report.write(matrix));
    if (written === page) return;
    if (process.env.CI === 'true') {
      if (!report.isOfCi) return;
      const problem = `the matrix in ${PAGE} is not what this run found`;
      this.#error = new Error(`${problem}: run "npm run test:servers", and commit what it writes`);
      process.stderr.write(`${this.#error.message}\n`);
    } else {
      writeFileSync(PAGE, written);
      process.stderr.write(`Wrote what it found into ${PAGE}.\n`);
    }
  }

  /** Jest fails the run if there is one. */
  getLastError() {
    return this.#error;
  }
}

/** For each server, its checks, and the reasons of those that it lacks. `both-halves.ts` names the tests. */
function matrixOf(tests) {
  const matrix = new Map();
  for (const { ancestorTitles, title } of tests) {
    const at = ancestorTitles.findIndex((each) => BOTH_HALVES.test(each));
    if (at === -1) continue;
    const [, server] = BOTH_HALVES.exec(ancestorTitles[at]);
    const lacking = ancestorTitles[at + 1];
    if (!matrix.has(server)) matrix.set(server, new Map());
    matrix.get(server).set(lacking ?? title, lacking && title);
  }
  return matrix;
}

/** The checks by server. */
function tableOf(matrix) {
  const servers = [...matrix.keys()].toSorted((a, b) => a.localeCompare(b, 'en'));
  const reasons = [];
  const cellOf = (reason) => {
    if (reason === undefined) return 'yes';
    if (!reasons.includes(reason)) reasons.push(reason);
    return `- (${reasons.indexOf(reason) + 1})`;
  };
  const rows = [...matrix.get(servers[0]).keys()].map((check) => [
    check,
    ...servers.map((server) => cellOf(matrix.get(server).get(check))),
  ]);
  const table = [['', ...servers], ['', ...servers].map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  return [...table, '', ...reasons.map((reason, index) => `${index + 1}. ${reason}.`)];
}

/** The checks that a server lacks, which no run of CI starts, with the date. */
function noteOf(matrix) {
  const [[server, checks]] = matrix;
  const day = new Date().toISOString().slice(0, 10);
  const lacking = [...checks].filter(([, reason]) => reason !== undefined);
  return [
    `${server} passed the checks of [the real servers](#tested-against-real-servers) on ${day}, except:`,
    '',
    ...lacking.map(([check, reason]) => `- ${check}. ${reason}.`),
  ];
}

async function replaced(page, start, lines) {
  const from = page.indexOf(start) + start.length;
  const text = [page.slice(0, from), '', ...lines, '', page.slice(page.indexOf(END, from))].join('\n');
  return format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' });
}
