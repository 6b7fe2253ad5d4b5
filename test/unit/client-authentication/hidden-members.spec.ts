import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { withHidden } from '../../../lib/client-authentication/hidden-members.js';

describe('withHidden', () => {
  const made = withHidden({ method: 'm' }, { key: 's3cret' });

  it('makes members that can be read', () => {
    expect([made.method, made.key]).toEqual(['m', 's3cret']);
  });

  it('makes members that nothing prints, spreads or clones', () => {
    const shown = [inspect(made), JSON.stringify(made), inspect({ ...made }), inspect(structuredClone(made))];
    expect(shown.join()).not.toContain('s3cret');
  });

  it('makes an object that cannot be changed', () => {
    expect(Object.isFrozen(made)).toBe(true);
  });
});
