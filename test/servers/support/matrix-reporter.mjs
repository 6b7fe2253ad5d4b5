import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const PAGE = 'docs/authorization-servers.md';
const START = '<!-- Written by npm run test:servers -->';
const END = '<!-- End of what is written -->';
const BOTH_HALVES = /^(.+): both halves$/;

/** Writes which server passed which check into the documentation, after a run of all tests. In CI it only compares. */
export default class MatrixReporter {
  #error;

  constructor({ testPathPatterns, testNamePattern }) {
    this.isWhole = testPathPatterns.patterns.length === 0 && !testNamePattern;
  }

  async onRunComplete(_contexts, { numTotalTests, numPassedTests, numRuntimeErrorTestSuites, testResults }) {
    if (!this.isWhole || numPassedTests < numTotalTests || numRuntimeErrorTestSuites > 0) return;
    const page = readFileSync(PAGE, 'utf8');
    const written = await withMatrix(page, matrixOf(testResults.flatMap((file) => file.testResults)));
    if (written === page) return;
    if (process.env.CI === 'true') {
      const problem = `the matrix in ${PAGE} is not what this run found`;
      this.#error = new Error(`${problem}: run "npm run test:servers", and commit what it writes`);
      process.stderr.write(`${this.#error.message}\n`);
    } else {
      writeFileSync(PAGE, written);
      process.stderr.write(`Wrote the matrix in ${PAGE}.\n`);
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

async function withMatrix(page, matrix) {
  const [before, , after] = page.split(new RegExp(`(?<=${START})|(?=${END})`));
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
  const notes = reasons.map((reason, index) => `${index + 1}. ${reason}.`);
  const text = [before, '', ...table, '', ...notes, '', after].join('\n');
  return format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' });
}
