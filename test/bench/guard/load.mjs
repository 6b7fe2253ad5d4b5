// A closed loop of connections that send prepared requests as fast as the answers come.
import { connect } from 'node:net';
import { once } from 'node:events';

const CONNECTIONS = 32;

/**
 * Sends requests for some milliseconds, and returns how many were answered.
 *
 * @param nextRequest the bytes of the next request
 */
export async function load(port, nextRequest, milliseconds) {
  const { length } = await first(port, nextRequest());
  const end = performance.now() + milliseconds;
  const counts = await Promise.all(Array.from({ length: CONNECTIONS }, () => run(port, nextRequest, length, end)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Every answer has the length of the first one: the route is always the same, and none is refused. */
async function first(port, request) {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  if (!answer.toString('latin1').startsWith('HTTP/1.1 200 ')) throw new Error(answer.toString('latin1'));
  return answer;
}

function run(port, nextRequest, length, end) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    let count = 0;
    let received = 0;
    socket.once('connect', () => socket.write(nextRequest()));
    socket.once('error', reject);
    socket.on('data', (chunk) => {
      received += chunk.length;
      if (received < length) return;
      if (received > length) reject(new Error(`an answer of another length: ${chunk.toString('latin1')}`));
      received = 0;
      count += 1;
      if (performance.now() < end) socket.write(nextRequest());
      else socket.end(() => resolve(count));
    });
  });
}
