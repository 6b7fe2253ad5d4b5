import { isObject } from '../validation/checks.js';

/** A way, beside HTTP, in which requests reach handlers that `M2MGuard` stands before; made by `graphql()`. */
export interface InboundTransportOption {
  /** The type that Nest's execution contexts have there. */
  readonly type: 'graphql';
}

/** Whether a value is one. */
export function isInboundTransportOption(value: unknown): value is InboundTransportOption {
  return isObject(value) && value['type'] === 'graphql';
}
