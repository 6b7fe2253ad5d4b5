import { randomUUID } from 'node:crypto';
import { systemClock, type Clock } from '../time/clock.js';
import { now, since } from '../time/moment.js';
import type { StoredToken, TokenStore, TokenStoreLease } from '../options/token-store.js';
import { unusable, type Envelope } from './envelope.js';
import { runScript, type RedisTokenStoreClient } from './redis-client.js';
import { ACQUIRE, READ, REMOVE, RENEW, TIME, WRITE } from './scripts.js';
import { decodeValue, encodeValue, remaining } from './stored-value.js';

/** Milliseconds. Leases are renewed; none is granted for longer. */
const LONGEST_LEASE = 60 * 1000;
/** Milliseconds after which a process that was held up may have lost its lease. */
const HELD_UP = 1000;

/** A lease, and how Redis knows it. */
interface RedisLease extends TokenStoreLease {
  readonly name: string;
  readonly owner: string;
}

type ReadAnswer = [seconds: string, microseconds: string, length: number | string, sealed: string | null];

const TOO_LONG = 'is longer than 256 KiB';
/** Bytes. Encryption and base64 make a value longer, at most by this much more than the longest that a client writes. */
const LONGEST_VALUE = 256 * 1024;

/** Tokens and leases in Redis. All times are those of Redis's clock. */
export class RedisTokenStore implements TokenStore {
  readonly #client: RedisTokenStoreClient;
  readonly #envelope: Envelope;
  readonly #prefix: string;
  /** Measures durations only. */
  readonly #clock: Clock;

  constructor(client: RedisTokenStoreClient, envelope: Envelope, prefix: string, clock: Clock = systemClock) {
    this.#client = client;
    this.#envelope = envelope;
    this.#prefix = prefix;
    this.#clock = clock;
  }

  async get(key: string): Promise<StoredToken | undefined> {
    const { value, left } = (await this.#read(key)) ?? { left: 0 };
    return value !== undefined && left > 0 ? { value, remaining: left } : undefined;
  }

  async set(key: string, value: string, lifetime: number, keepLonger = false): Promise<void> {
    const calledAt = now(this.#clock);
    const storedAt = milliseconds(await this.#run(TIME, this.#nameOf(key)));
    // A lifetime runs while a command waits to be sent, and while the machine is suspended.
    const waited = since(calledAt, this.#clock);
    const left = Math.floor(lifetime - waited);
    if (left < 1) return;
    const sealed = this.#envelope.seal(key, encodeValue({ value, storedAt, expiresAt: storedAt + left }));
    if (Buffer.byteLength(sealed) > LONGEST_VALUE) throw unusable(TOO_LONG);
    const condition = keepLonger || waited > HELD_UP ? ['keep longer'] : [];
    await this.#run(WRITE, this.#nameOf(key), sealed, String(left), ...condition);
  }

  async delete(key: string, ifValue?: string): Promise<void> {
    if (ifValue === undefined) return this.#remove(this.#nameOf(key));
    const found = await this.#read(key);
    if (found?.value === ifValue) await this.#remove(this.#nameOf(key), found.sealed);
  }

  async acquire(key: string, lifetime: number): Promise<RedisLease | undefined> {
    const name = `${this.#prefix}lease:${key}`;
    const owner = randomUUID();
    const release = (): Promise<void> => this.#remove(name, owner);
    const times = [lifetime, Math.max(lifetime, LONGEST_LEASE)].map((time) => String(Math.ceil(time)));
    try {
      return (await this.#run(ACQUIRE, name, owner, ...times)) ? { name, owner, release } : undefined;
    } catch (error) {
      // Redis may have granted it all the same.
      release().catch(() => undefined);
      throw error;
    }
  }

  async renew(lease: TokenStoreLease, lifetime: number): Promise<boolean> {
    const { name, owner } = lease as RedisLease;
    return Number(await this.#run(RENEW, name, owner, String(Math.ceil(lifetime)))) === 1;
  }

  async #read(key: string): Promise<{ sealed: string; value: string; left: number } | undefined> {
    const answer = (await this.#run(READ, this.#nameOf(key), String(LONGEST_VALUE))) as ReadAnswer;
    const [seconds, microseconds, length, sealed] = answer;
    if (sealed === null) return undefined;
    if (Number(length) > LONGEST_VALUE) throw unusable(TOO_LONG);
    const stored = decodeValue(this.#envelope.open(key, sealed));
    return { sealed, value: stored.value, left: remaining(stored, milliseconds([seconds, microseconds])) };
  }

  async #remove(name: string, ifStored?: string): Promise<void> {
    await this.#run(REMOVE, name, ...(ifStored === undefined ? [] : [ifStored]));
  }

  #run(script: string, name: string, ...values: string[]): Promise<unknown> {
    return runScript(this.#client, script, name, values);
  }

  #nameOf(key: string): string {
    return `${this.#prefix}value:${key}`;
  }
}

/** Redis's TIME, which is seconds and microseconds, in milliseconds. */
function milliseconds(time: unknown): number {
  const [seconds, microseconds] = time as [string, string];
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}
