import { M2MConfigurationError } from '../errors/configuration.error.js';

/** @throws M2MConfigurationError for a name that the options do not have */
export function unknownName(kind: 'client' | 'target', name: string, known: readonly string[]): never {
  const option = `client.${kind}s.${name}`;
  const problem = `is asked for, but the options know ${known.length === 0 ? `no ${kind}` : known.join(', ')}`;
  const fields = kind === 'target' ? "url: 'https://...'" : "clientId: '...', clientSecret: () => ...";
  const remedy = `client: { ${kind}s: { ${JSON.stringify(name)}: { ${fields} } } }`;
  throw new M2MConfigurationError({ option, problem, remedy });
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
