import type { ExecutionContext } from '@nestjs/common';
import type { InboundTransport, UnhandledContext } from './inbound-transport.js';

/** Why no transport handles a context, and what to write. */
export function unhandledContext(
  context: ExecutionContext,
  transports: readonly InboundTransport[],
  handler: string,
): UnhandledContext {
  const type = context.getType<string>();
  const own = transports.find((each) => each.type === type);
  if (own?.unhandled) return own.unhandled(context);
  if (type === 'graphql') return { what: type, remedy: 'resourceServer.transports: [graphql()]' };
  const what = type === 'http' ? 'a context of HTTP without a request' : type;
  const ownGuard = `@Public() on ${handler}, and check its callers in a guard of your own`;
  return { what, remedy: `${ownGuard}, or @UseGuards(M2MGuard) on routes only` };
}
