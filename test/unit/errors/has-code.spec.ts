import { describe, expect, it, jest } from '@jest/globals';
import { DiscoveryError } from '../../../lib/errors/discovery.error.js';
import { hasCode } from '../../../lib/errors/has-code.js';
import { InvalidTokenError } from '../../../lib/errors/invalid-token.error.js';

describe('hasCode', () => {
  it('knows the errors of a code, and those of subclasses', () => {
    class OwnError extends InvalidTokenError {}
    expect(hasCode(new InvalidTokenError('expired', 'm'), 'ERR_M2M_INVALID_TOKEN')).toBe(true);
    expect(hasCode(new OwnError('expired', 'm'), 'ERR_M2M_INVALID_TOKEN')).toBe(true);
    expect(hasCode(new DiscoveryError('m'), 'ERR_M2M_INVALID_TOKEN')).toBe(false);
    expect(hasCode({ code: 'ERR_M2M_INVALID_TOKEN' }, 'ERR_M2M_INVALID_TOKEN')).toBe(false);
    expect(hasCode(undefined, 'ERR_M2M_INVALID_TOKEN')).toBe(false);
  });

  it('knows the errors of another copy of the package, which instanceof does not', async () => {
    jest.resetModules();
    const copy = await import('../../../lib/errors/invalid-token.error.js');
    const error = new copy.InvalidTokenError('expired', 'm');
    expect(error).not.toBeInstanceOf(InvalidTokenError);
    expect(hasCode(error, 'ERR_M2M_INVALID_TOKEN')).toBe(true);
  });
});
