// A closed loop: connections that stay open send prepared requests as fast as the answers come.
import { once } from 'node:events';
import { connect } from 'node:net';

const CONNECTIONS = 32;

/** Connections to one server. */
export class Load {
  constructor(nextRequest, length, sockets) {
    this.nextRequest = nextRequest;
    this.length = length;
    this.sockets = sockets;
  }

  /** @param nextRequest the bytes of the next request */
  static async open(port, nextRequest) {
    const sockets = await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        const socket = connect({ port, host: '127.0.0.1', noDelay: true });
        await once(socket, 'connect');
        return socket;
      }),
    );
    sockets[0].write(nextRequest());
    const [answer] = await once(sockets[0], 'data');
    if (!answer.toString('latin1').startsWith('HTTP/1.1 200 ')) throw new Error(answer.toString('latin1'));
    return new Load(nextRequest, answer.length, sockets);
  }

  /** Sends requests for some milliseconds, and returns how many were answered. */
  async run(milliseconds) {
    const end = performance.now() + milliseconds;
    const letSleep = stayAwake();
    const counts = await Promise.all(this.sockets.map((socket) => this.runOne(socket, end)));
    letSleep();
    return counts.reduce((sum, count) => sum + count, 0);
  }

  close() {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Every answer has the length of the first one: the route is always the same, and none is refused. */
  runOne(socket, end) {
    return new Promise((resolve, reject) => {
      let count = 0;
      let received = 0;
      const finish = (settle, value) => {
        socket.removeAllListeners();
        settle(value);
      };
      socket.on('error', (error) => finish(reject, error));
      socket.on('close', () => finish(reject, new Error('the server closed a connection')));
      socket.on('data', (chunk) => {
        received += chunk.length;
        if (received < this.length) return;
        if (received > this.length) finish(reject, new Error(`another answer: ${chunk.toString('latin1')}`));
        received = 0;
        count += 1;
        if (performance.now() < end) socket.write(this.nextRequest());
        else finish(resolve, count);
      });
      socket.write(this.nextRequest());
    });
  }
}

/** A process that sleeps has to be woken by the server, whose answers would then cost more the fewer there are. */
function stayAwake() {
  let isAwake = true;
  const turn = () => isAwake && setImmediate(turn);
  turn();
  return () => (isAwake = false);
}
