import { M2MConfigurationError } from '../errors/configuration.error.js';

/** @throws M2MConfigurationError that says how to configure the inbound half */
export function notConfigured(): never {
  throw new M2MConfigurationError([
    {
      option: 'resourceServer',
      problem: 'is not configured, and an access token is to be verified',
      remedy: "M2MModule.forRoot({ ..., resourceServer: { audience: 'https://api.example.com' } })",
      kind: 'missing',
    },
  ]);
}
