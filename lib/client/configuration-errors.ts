import { M2MConfigurationError } from '../errors/configuration.error.js';

/** @throws M2MConfigurationError for a name that the options do not have */
export function unknownName(kind: 'client' | 'target', name: string, known: readonly string[]): never {
  throw new M2MConfigurationError({
    option: `client.${kind}s.${name}`,
    problem: `is asked for, but the options know ${known.length === 0 ? `no ${kind}` : known.join(', ')}`,
    remedy:
      kind === 'target'
        ? `client: { targets: { ${JSON.stringify(name)}: { url: 'https://...' } } }`
        : `client: { clients: { ${JSON.stringify(name)}: { clientId: '...', clientSecret: () => ... } } }`,
  });
}

/** @throws M2MConfigurationError for an application without an outbound half */
export function clientMissing(): never {
  throw new M2MConfigurationError({
    option: 'client',
    problem: 'is missing, but M2MClientService is used',
    kind: 'missing',
    remedy: [
      'M2MModule.forRoot({',
      "  authorizationServer: oidc({ issuer: 'https://...' }),",
      "  client: { clientId: '...', clientSecret: () => ..., targets: { shop: { url: 'https://...' } } },",
      '})',
    ].join('\n'),
  });
}
