import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type * as PackageCopies from '../../../../lib/resource-server/authorization/package-copies.js';

const COPIES = Symbol.for('nestjs-m2m:copies');
const shared = globalThis as { [COPIES]?: Map<string, boolean> };

const load = (): Promise<typeof PackageCopies> =>
  import('../../../../lib/resource-server/authorization/package-copies.js');

describe('copiesWarning', () => {
  beforeEach(() => {
    delete shared[COPIES];
    jest.resetModules();
  });

  it('is nothing if the same files are loaded again, as after jest.resetModules()', async () => {
    const first = await load();
    first.registerCopy();
    jest.resetModules();
    const second = await load();
    expect(second.copiesWarning).not.toBe(first.copiesWarning);
    expect(second.copiesWarning()).toBeUndefined();
    expect(first.copiesWarning()).toBeUndefined();
    expect(shared[COPIES]?.size).toBe(1);
  });

  it('names a file that belongs to no copy of the package as it is, once', async () => {
    const { copiesWarning } = await load();
    shared[COPIES] = new Map([['/nowhere/bundle.cjs', false]]);
    expect(copiesWarning()).toMatch(
      /^2 copies of nestjs-m2m are in this process: \/nowhere\/bundle\.cjs, \/.* \(\d+\.\d+\.\d+\)\. /,
    );
    expect(copiesWarning()).toBeUndefined();
  });

  it('does not count a copy that cannot tell where it is', async () => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    const { copiesWarning } = await load();
    Error.stackTraceLimit = limit;
    shared[COPIES] = new Map([['/nowhere/bundle.cjs', false]]);
    expect(copiesWarning()).toBeUndefined();
  });
});
