import type { Socket } from 'node:net';
import { isObject } from '../../validation/checks.js';

/** The code of a close frame: clients of graphql-ws connect again, with a new token if they have one. */
const FORBIDDEN = 4403;

/** The connection of a request. */
export interface RequestSocket {
  /** Tells connections apart. */
  readonly key: object;
  /** Ends the connection; a WebSocket with the code 4403. */
  end(): void;
  /** Calls back once it has ended. */
  onEnd(callback: () => void): void;
}

/** The connection of Node's request; `undefined` for a copy of one. */
export function socketOf(node: object): RequestSocket | undefined {
  const { socket } = node as { readonly socket?: Socket };
  if (!isObject(socket) || typeof socket.destroySoon !== 'function') return undefined;
  return {
    key: socket,
    end() {
      if (isUpgraded(node)) socket.write(closeFrame('Forbidden'));
      socket.destroySoon();
    },
    onEnd(callback) {
      if (socket.destroyed) callback();
      else socket.once('close', callback);
    },
  };
}

/** Whether the connection of Node's request has become one of another protocol. A header of the request would not tell. */
export function isUpgraded(node: object): boolean {
  return (node as { readonly upgrade?: unknown }).upgrade === true;
}

/**
 * It goes out below the library that serves the WebSocket: not every driver lets resolvers reach that.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1 RFC 6455, section 5.5.1}
 */
function closeFrame(reason: string): Buffer {
  const payload = Buffer.from(`\0\0${reason}`);
  payload.writeUInt16BE(FORBIDDEN);
  return Buffer.concat([Buffer.from([0x88, payload.length]), payload]);
}
