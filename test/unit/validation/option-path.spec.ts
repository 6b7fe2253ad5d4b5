import { describe, expect, it } from '@jest/globals';
import { optionName, pathTo } from '../../../lib/validation/option-path.js';

describe('a path', () => {
  it('has the name of the option at its end', () => {
    expect(pathTo('', 'client')).toBe('client');
    expect(optionName(pathTo('client.retry', 'delay'))).toBe('delay');
  });
});
