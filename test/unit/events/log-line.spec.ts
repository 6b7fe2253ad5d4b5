import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { LogLine } from '../../../lib/events/log-line.js';

describe('LogLine', () => {
  const line = new LogLine('Api.read answered 401', { reason: 'expired', status: 401, client: undefined });

  it('is its text for whatever writes text', () => {
    expect([String(line), inspect(line)]).toEqual(Array(2).fill('Api.read answered 401'));
  });

  it('has its text and the fields that are known as own members, for loggers that write JSON', () => {
    expect(JSON.parse(JSON.stringify(line))).toEqual({ msg: 'Api.read answered 401', reason: 'expired', status: 401 });
    expect(Object.keys(Object.assign({}, line))).toEqual(['msg', 'reason', 'status']);
    expect(Object.isFrozen(line)).toBe(true);
  });

  it('gives its text to loggers that take a member message apart from the fields', () => {
    const { message, ...fields } = line;
    expect(message).toBe('Api.read answered 401');
    expect(fields).not.toHaveProperty('message');
  });
});
