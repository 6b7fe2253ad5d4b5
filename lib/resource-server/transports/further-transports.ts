import type { InboundTransportOption } from '../../options/inbound-transport-option.js';
import { GraphqlTransport } from './graphql.transport.js';
import type { InboundTransport } from './inbound-transport.js';
import type { OpenConnections } from './open-connections.js';

/** The transports of the options, beside HTTP. */
export function furtherTransports(
  options: readonly InboundTransportOption[] = [],
  { connections }: { readonly connections: OpenConnections },
): readonly InboundTransport[] {
  return options.some(({ type }) => type === 'graphql') ? [new GraphqlTransport(connections)] : [];
}
