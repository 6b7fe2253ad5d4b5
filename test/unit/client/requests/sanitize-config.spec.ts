import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { AxiosHeaders } from 'axios';
import { sanitizeConfig } from '../../../../lib/client/requests/sanitize-config.js';

const headers = new AxiosHeaders();
const agent = { sockets: ['the-token-of-another'] };

describe('sanitizeConfig', () => {
  it('is the same config if nothing of it shows other requests', () => {
    const config = { headers, data: { a: 'visible' } };
    expect(sanitizeConfig(config)).toBe(config);
  });

  it.each([
    ['httpAgent', agent],
    ['httpsAgent', agent],
    ['data', Object.assign(new Readable(), agent)],
  ] as const)('hides %s from inspect and JSON, and keeps it for the next request', (name, value) => {
    const config = sanitizeConfig({ headers, url: '/visible', [name]: value });
    for (const text of [inspect(config, { depth: null, showHidden: true }), JSON.stringify(config)]) {
      expect(text).toContain('visible');
      expect(text).not.toContain('the-token-of-another');
    }
    expect({ ...config }[name]).toBe(value);
  });

  it('lets a hidden field be set', () => {
    const config = sanitizeConfig({ headers, httpAgent: agent });
    config.httpAgent = undefined;
    expect(config.httpAgent).toBeUndefined();
  });
});
