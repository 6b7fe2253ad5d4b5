import { describe, expect, it } from '@jest/globals';
import type { M2MCaller } from '../../../../lib/caller/m2m-caller.js';
import { InvalidTokenError } from '../../../../lib/errors/invalid-token.error.js';
import { KeysUnavailableError } from '../../../../lib/errors/keys-unavailable.error.js';
import { OpenConnections } from '../../../../lib/resource-server/transports/open-connections.js';
import { TestClock } from '../../../../lib/testing/test-clock.js';

/** A connection, and what has been done to it. */
class Connection {
  readonly key = {};
  ended = 0;
  #close: (() => void) | undefined;

  end(): void {
    this.ended += 1;
  }

  onEnd(callback: () => void): void {
    this.#close = callback;
  }

  close(): void {
    this.#close?.();
  }
}

function watched(lifetime: number) {
  const clock = new TestClock();
  const caller = { expiresAt: clock.wall() + lifetime } as M2MCaller;
  const verified: number[] = [];
  let refusal: Error | undefined;
  const verify = async (): Promise<M2MCaller> => {
    verified.push(clock.monotonic());
    if (refusal) throw refusal;
    return caller;
  };
  const isOver = ({ expiresAt }: M2MCaller): boolean => clock.wall() >= expiresAt;
  const connections = new OpenConnections(verify, isOver, clock);
  const connection = new Connection();
  connections.watch(connection, 'token', caller);
  const refuse = (error: Error): void => {
    refusal = error;
  };
  return { clock, caller, verified, connections, connection, refuse };
}

const expired = new InvalidTokenError('expired', 'the token expired');

describe('OpenConnections', () => {
  it('verifies tokens every 30 s, when they expire, and then every second', async () => {
    const { clock, verified, connection } = watched(40_000);
    await clock.advance(42_500);
    expect(verified).toEqual([30_000, 40_000, 41_000, 42_000]);
    expect(connection.ended).toBe(0);
  });

  it('ends a connection once its token is refused, and verifies no more', async () => {
    const { clock, verified, connection, refuse } = watched(100_000);
    refuse(expired);
    await clock.advance(200_000);
    expect([verified, connection.ended]).toEqual([[30_000], 1]);
  });

  it('ends none if nobody can tell whether its token is good', async () => {
    const { clock, connection, refuse } = watched(100_000);
    refuse(new KeysUnavailableError('no keys', 1));
    await clock.advance(90_000);
    expect(connection.ended).toBe(0);
    refuse(expired);
    await clock.advance(30_000);
    expect(connection.ended).toBe(1);
  });

  it('ends a connection at the end of its token if nobody can tell whether that is good (claim 4.11)', async () => {
    const { clock, connection, refuse } = watched(40_000);
    refuse(new KeysUnavailableError('no keys', 1));
    await clock.advance(39_999);
    expect(connection.ended).toBe(0);
    await clock.advance(1);
    expect(connection.ended).toBe(1);
  });

  it('ends a connection in time while it waits for an answer about another (claim 4.11)', async () => {
    const clock = new TestClock();
    const asked: string[] = [];
    const verify = (token: string): Promise<M2MCaller> => {
      asked.push(token);
      return token === 'slow' ? new Promise(() => undefined) : Promise.reject(expired);
    };
    const connections = new OpenConnections(verify, () => true, clock);
    const [slow, other] = [new Connection(), new Connection()];
    connections.watch(slow, 'slow', { expiresAt: clock.wall() + 10_000 } as M2MCaller);
    connections.watch(other, 'other', { expiresAt: clock.wall() + 20_000 } as M2MCaller);
    await clock.advance(10_000);
    connections.watch(new Connection(), 'third', { expiresAt: clock.wall() + 5000 } as M2MCaller);
    expect(other.ended).toBe(1);
    await clock.advance(5000);
    expect(asked).toEqual(['slow', 'other', 'third']);
  });

  it('verifies the token of one that is gone no more, and of none after the end of the application', async () => {
    const gone = watched(100_000);
    gone.connection.close();
    const stopped = watched(100_000);
    stopped.connections.close();
    stopped.connections.watch(new Connection(), 'token', stopped.caller);
    for (const { clock } of [gone, stopped]) await clock.advance(200_000);
    expect([gone.verified, stopped.verified]).toEqual([[], []]);
  });

  it('watches a connection once, by the token that came first', async () => {
    const { clock, verified, connections, connection, caller } = watched(10_000);
    connections.watch(connection, 'another', { ...caller, expiresAt: caller.expiresAt - 9000 });
    await clock.advance(9000);
    expect(verified).toEqual([]);
    await clock.advance(1000);
    expect(verified).toEqual([10_000]);
  });
});
