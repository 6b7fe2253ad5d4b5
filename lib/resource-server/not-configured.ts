import { M2MConfigurationError } from '../errors/configuration.error.js';

/**
 * @param need what needs the inbound half
 * @throws M2MConfigurationError that says how to configure it
 */
export function notConfigured(need = 'an access token is to be verified'): never {
  throw new M2MConfigurationError({
    option: 'resourceServer',
    problem: `is not configured, and ${need}`,
    remedy: "M2MModule.forRoot({ ..., resourceServer: { audience: 'https://api.example.com' } })",
    kind: 'missing',
  });
}
