import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { BrokerApplication, forged, LIFETIME } from './broker-application.js';
import { ImitatedKafka } from './imitated-kafka.js';

/** Milliseconds, of a session: kafkajs authenticates before every request, because it does so for the last 10 s. */
const MAX_REAUTH = 10_000;

let application: BrokerApplication<{ readonly kafka: Kafka }>;
let kafka: ImitatedKafka;
let admin: Admin;

beforeEach(async () => {
  kafka = await ImitatedKafka.start({
    verify: (token) => application.verifier.verify(token),
    maxReauth: MAX_REAUTH,
    now: () => application.clock.wall(),
  });
  application = await BrokerApplication.start('KafkaClient', {
    "'kafka.example.com:9093'": `'${kafka.address}'`,
    'ssl: true': 'ssl: false, logLevel: 0, retry: { retries: 0 }',
  });
  admin = application.client.kafka.admin();
});

afterEach(async () => {
  await admin.disconnect();
  await application[Symbol.asyncDispose]();
  await kafka[Symbol.asyncDispose]();
});

describe('the recipe for kafkajs', () => {
  it('authenticates with the token of the target, and a broker that verifies it answers', async () => {
    await admin.connect();
    await expect(admin.listTopics()).resolves.toEqual([]);
    expect(new Set(kafka.tokens)).toEqual(new Set([await application.m2m.getToken({ target: 'events' })]));
    application.server.expectTokenRequests(1);
  });

  it('authenticates again with the renewed token, on the same connection and without a failed request', async () => {
    await admin.connect();
    await admin.listTopics();
    const { connections } = kafka;
    const first = await application.m2m.getToken({ target: 'events' });
    await application.clock.advance(0.96 * LIFETIME);
    await expect(admin.listTopics()).resolves.toEqual([]);
    expect(kafka.tokens.at(-1)).not.toBe(first);
    expect(kafka.tokens.at(-1)).toBe(await application.m2m.getToken({ target: 'events' }));
    expect(kafka.connections).toBe(connections);
    application.server.expectTokenRequests(2);
  });

  it('fails with the reason if there is no token', async () => {
    application.server.fail({ status: 401, body: { error: 'invalid_client' }, times: 10 });
    await expect(admin.connect()).rejects.toMatchObject({ message: expect.stringContaining('invalid_client') });
    expect(kafka.tokens).toEqual([]);
  });
});

describe('a broker that is like Kafka', () => {
  it('refuses a forged token', async () => {
    const token = forged(await application.m2m.getToken({ target: 'events' }));
    const client = new Kafka({
      brokers: [kafka.address],
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
      sasl: { mechanism: 'oauthbearer', oauthBearerProvider: () => Promise.resolve({ value: token }) },
    });
    const intruder = client.admin();
    const listed = intruder.connect().then(() => intruder.listTopics());
    await expect(listed).rejects.toMatchObject({ message: expect.stringContaining('the token is refused') });
    await intruder.disconnect();
    expect(kafka.tokens).toEqual([]);
  });
});
