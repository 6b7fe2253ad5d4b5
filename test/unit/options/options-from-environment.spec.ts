import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { optionsFromEnvironment } from '../../../lib/options/options-from-environment.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

const environment = { M2M_ISSUER: 'https://acme.eu.auth0.com/', M2M_API_AUDIENCE: 'https://products' };

describe('optionsFromEnvironment', () => {
  const original = { ...process.env };
  afterEach(() => {
    process.env = { ...original };
    jest.restoreAllMocks();
  });

  it('gives options to spread and to extend', () => {
    const options = optionsFromEnvironment({ ...environment, M2M_PROVIDER: 'auth0' });
    const { http, resourceServer } = resolveOptions({ ...options, http: { proxy: false } });
    expect(http.proxy).toBe(false);
    expect(resourceServer?.issuers[0]?.audience).toEqual(['https://products']);
  });

  it('reads the environment of the process without an argument', () => {
    Object.assign(process.env, environment, { M2M_PROVIDER: 'auth0' });
    expect(optionsFromEnvironment().authorizationServer?.issuer).toBe('https://acme.eu.auth0.com/');
    process.env['M2M_MISSPELT'] = '1';
    expect(() => optionsFromEnvironment()).toThrow(M2MConfigurationError);
  });

  it('logs a guess of the authorization server, and nothing if none was made', () => {
    const log = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    optionsFromEnvironment({ ...environment, M2M_PROVIDER: 'auth0' });
    expect(log).not.toHaveBeenCalled();
    optionsFromEnvironment(environment);
    expect(log.mock.calls).toEqual([[expect.stringMatching(/^M2M-1001 .*taken for auth0 by the issuer/)]]);
  });
});
