import type { InboundTransportOption } from '../../options/inbound-transport-option.js';

const GRAPHQL: InboundTransportOption = Object.freeze({ type: 'graphql' });

/**
 * Lets `M2MGuard` stand before the resolvers of `@nestjs/graphql`, on Apollo and on Mercurius: queries, mutations and
 * subscriptions.
 *
 * @example
 * M2MModule.forRoot({ resourceServer: { audience: 'https://my-api', transports: [graphql()] } })
 */
export function graphql(): InboundTransportOption {
  return GRAPHQL;
}
