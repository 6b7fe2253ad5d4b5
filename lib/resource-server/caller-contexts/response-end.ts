import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { getOrInsert } from '../../collections/get-or-insert.js';

/** What ends with a connection, for the responses that wait for it. */
const waiting = new WeakMap<Socket, Set<() => void>>();

/** Calls back, at least once, when a response has been sent or never will be. */
export function onceEnded(request: IncomingMessage, response: ServerResponse, callback: () => void): void {
  if (response.closed) return callback();
  // `finish` does not come if the client disconnects, and `close` not where functions of a cloud imitate a server.
  response.once('close', callback).once('finish', callback);
  if (response.socket === null) onceDisconnected(request.socket, response, callback);
}

/**
 * A client may send several requests at once (HTTP pipelining). Responses wait for the ones before, have no connection until
 * then, and are not closed with that.
 */
function onceDisconnected(socket: Socket, response: ServerResponse, callback: () => void): void {
  if (socket.destroyed) return callback();
  const callbacks = getOrInsert(waiting, socket, () => {
    const all = new Set<() => void>();
    socket.once('close', () => all.forEach((each) => each()));
    return all;
  });
  callbacks.add(callback);
  response.once('socket', () => callbacks.delete(callback));
}
