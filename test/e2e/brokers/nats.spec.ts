import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { connect, tokenAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { describeWithNats, TestNatsServer } from '../../support/nats-server.js';
import { until } from '../../support/until.js';
import { BrokerApplication, forged, LIFETIME } from './broker-application.js';

let nats: TestNatsServer;
let application: BrokerApplication<{ connect(): Promise<NatsConnection> }>;

const token = (): Promise<string> => application.m2m.getToken({ target: 'events' });

/** Whether a message gets through. */
async function works(connection: NatsConnection): Promise<boolean> {
  const subscription = connection.subscribe('orders', { max: 1 });
  connection.publish('orders', 'order 1');
  for await (const message of subscription) return message.string() === 'order 1';
  return false;
}

/** Counts the events of a connection, by their type. */
function counted(connection: NatsConnection): Map<string, number> {
  const counts = new Map<string, number>();
  const count = async (): Promise<void> => {
    for await (const { type } of connection.status()) counts.set(type, (counts.get(type) ?? 0) + 1);
  };
  void count();
  return counts;
}

describeWithNats('the recipe for NATS', () => {
  beforeEach(async () => {
    nats = await TestNatsServer.start('none yet');
    application = await BrokerApplication.start('NatsClient', {
      'tls://nats.example.com:4222': nats.address,
      'maxReconnectAttempts: -1': 'maxReconnectAttempts: -1, reconnectTimeWait: 20, timeout: 1000',
    });
    await nats.restart(await token());
  });

  afterEach(async () => {
    // A connection is drained while there is a server.
    await application[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  it('connects to a real server with the token of the target, and a forged token is refused', async () => {
    expect(await works(await application.client.connect())).toBe(true);
    const intruder = connect({
      servers: nats.address,
      reconnect: false,
      authenticator: tokenAuthenticator(forged(await token())),
    });
    await expect(intruder).rejects.toThrow(/authorization violation/i);
    application.server.expectTokenRequests(1);
  });

  it('reconnects with the renewed token to a server that restarts', async () => {
    const connection = await application.client.connect();
    const first = await token();
    const counts = counted(connection);
    await application.clock.advance(0.9 * LIFETIME);
    await until(async () => (await token()) !== first);
    await nats.restart(await token());
    await until(() => counts.get('reconnect') === 1);
    expect(await works(connection)).toBe(true);
    application.server.expectTokenRequests(2);
  });

  it('outlives an outage of the authorization server that is longer than the token', async () => {
    const connection = await application.client.connect();
    const first = await token();
    let next: string | undefined;
    (await application.m2m.keepToken({ target: 'events' })).changes$.subscribe((value) => (next = value));
    const counts = counted(connection);
    await application.server.goDown();
    await application.clock.advance(LIFETIME);
    await nats.restart(first);
    await until(() => (counts.get('error') ?? 0) > 3);
    expect(connection.isClosed()).toBe(false);
    await application.server.comeBack();
    await until(async () => {
      await application.clock.advance(500);
      return next !== undefined;
    });
    await nats.restart(next ?? '');
    await until(() => counts.has('reconnect'));
    expect(await works(connection)).toBe(true);
  });

  it('can reconnect when the next token comes', async () => {
    const connection = await application.client.connect();
    const kept = await application.m2m.keepToken({ target: 'events' });
    const counts = counted(connection);
    kept.changes$.subscribe(() => {
      void nats.restart(kept.value).then(() => connection.reconnect());
    });
    await application.clock.advance(0.9 * LIFETIME);
    await until(() => counts.has('reconnect'));
    expect(await works(connection)).toBe(true);
  });

  it('drains its connection when the application shuts down', async () => {
    const connection = await application.client.connect();
    await application.close();
    await connection.closed();
    expect(connection.isClosed()).toBe(true);
  });
});

describeWithNats('an authenticator of NATS that throws', () => {
  it('ends the connection for good, which is why the recipe catches', async () => {
    await using server = await TestNatsServer.start('a-token');
    let isExpired = false;
    const connection = await connect({
      servers: server.address,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 20,
      authenticator: tokenAuthenticator(() => {
        if (isExpired) throw new Error('expired');
        return 'a-token';
      }),
    });
    isExpired = true;
    await server.restart('a-token');
    await expect(connection.closed()).resolves.toMatchObject({ message: 'expired' });
  });
});
