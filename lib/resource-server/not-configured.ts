import { M2MConfigurationError } from '../errors/configuration.error.js';

/** @throws M2MConfigurationError that says how to configure the inbound half */
export function notConfigured(): never {
  throw new M2MConfigurationError([
    {
      where: 'resourceServer',
      seen: 'is not configured, and an access token is to be verified',
      write: "M2MModule.forRoot({ ..., resourceServer: { audience: 'https://api.example.com' } })",
      kind: 'missing',
    },
  ]);
}
