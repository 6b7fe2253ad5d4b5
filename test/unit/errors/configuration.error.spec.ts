import { describe, expect, it } from '@jest/globals';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';

describe('M2MConfigurationError', () => {
  it('lists the option, the problem and the remedy of everything that is wrong', () => {
    const one = { option: 'client.clientId', problem: 'is missing', remedy: "clientId: 'my-service'" };
    expect(new M2MConfigurationError([one]).message).toBe(
      "nestjs-m2m: one problem in the configuration\n  client.clientId is missing\n    write: clientId: 'my-service'",
    );
    expect(new M2MConfigurationError([one, { ...one, remedy: 'a\nb' }]).message).toBe(
      "nestjs-m2m: 2 problems in the configuration\n  client.clientId is missing\n    write: clientId: 'my-service'\n" +
        '  client.clientId is missing\n    write: a\n           b',
    );
  });
});
