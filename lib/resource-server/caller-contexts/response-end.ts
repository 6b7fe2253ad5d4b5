import type { IncomingMessage, ServerResponse } from 'node:http';
import { getOrInsert } from '../../collections/get-or-insert.js';
import { socketOf, type RequestSocket } from '../transports/request-socket.js';

/** What ends with a connection, for the responses that wait for it. */
const waiting = new WeakMap<object, Set<() => void>>();

/** Calls back, at least once, when a response has been sent or never will be. */
export function onceEnded(request: IncomingMessage, response: ServerResponse, callback: () => void): void {
  if (isClosed(response)) return callback();
  // `finish` does not come if the client disconnects, and `close` not where functions of a cloud imitate a server.
  response.once('close', callback).once('finish', callback);
  const connection = response.socket === null ? socketOf(request) : undefined;
  if (connection) onceDisconnected(connection, response, callback);
}

/** A response of HTTP/2 does not say so itself. */
function isClosed(response: ServerResponse & { readonly stream?: { readonly closed?: boolean } }): boolean {
  return response.closed || response.stream?.closed === true;
}

/**
 * A client may send several requests at once (HTTP pipelining). Responses wait for the ones before, have no connection until
 * then, and are not closed with that.
 */
function onceDisconnected({ key, onEnd }: RequestSocket, response: ServerResponse, callback: () => void): void {
  const isFirst = !waiting.has(key);
  const callbacks = getOrInsert(waiting, key, () => new Set<() => void>());
  callbacks.add(callback);
  response.once('socket', () => callbacks.delete(callback));
  if (!isFirst) return;
  onEnd(() => {
    waiting.delete(key);
    for (const each of callbacks) each();
  });
}
