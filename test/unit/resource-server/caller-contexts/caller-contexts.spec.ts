import { describe, expect, it } from '@jest/globals';
import { callerContextOf, openCallerContext } from '../../../../lib/resource-server/caller-contexts/caller-contexts.js';

describe('the context of a request', () => {
  it('is one for each request of Node, to which those of Express and Fastify lead', () => {
    const [node, another] = [{}, {}];
    const context = openCallerContext(node);
    expect(openCallerContext(node)).toBe(context);
    expect(callerContextOf(node)).toBe(context);
    expect(callerContextOf({ raw: node })).toBe(context);
    expect(openCallerContext(another)).not.toBe(context);
  });

  it('is undefined for a request for which none was opened, and for what is no request', () => {
    const others: unknown[] = [{}, { raw: {} }, { raw: 'text' }, { raw: undefined }, undefined, null, 'text', 7];
    expect(others.map(callerContextOf)).toEqual(others.map(() => undefined));
  });
});
