import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A token that was accepted, and until when, in milliseconds since the epoch. */
export interface AcceptedToken {
  readonly clientId: string;
  readonly expiresAt: number;
}

export interface KafkaOptions {
  /** Rejects if the token is refused. */
  verify(token: string): Promise<AcceptedToken>;
  /** `connections.max.reauth.ms` */
  readonly maxReauth: number;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The keys of requests, and the versions that this broker knows of each. */
const METADATA = { key: 3, newest: 0 };
const SASL_HANDSHAKE = { key: 17, newest: 1 };
const API_VERSIONS = { key: 18, newest: 1 };
const SASL_AUTHENTICATE = { key: 36, newest: 1 };
const APIS = [METADATA, SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE];

const SEPARATOR = '\u0001';
const UNSUPPORTED_VERSION = 35;
const SASL_AUTHENTICATION_FAILED = 58;

/** The session of one connection. */
interface Session {
  expiresAt: number;
}

/** One request of Kafka's protocol, after its length. */
interface Request {
  readonly key: number;
  readonly version: number;
  readonly body: Buffer;
}

/** A broker without topics that authenticates by SASL OAUTHBEARER (RFC 7628, KIP-255), and again on a connection (KIP-368). */
export class ImitatedKafka implements AsyncDisposable {
  /** The token of every authentication that succeeded. */
  readonly tokens: string[] = [];
  /** How many connections were made. */
  connections = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(private readonly options: KafkaOptions) {
    this.#server = createServer((socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      void this.#serve(socket).catch(() => socket.destroy());
    });
  }

  static async start(options: KafkaOptions): Promise<ImitatedKafka> {
    const kafka = new ImitatedKafka(options);
    await once(kafka.#server.listen(0, '127.0.0.1'), 'listening');
    return kafka;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(socket: Socket): Promise<void> {
    const session: Session = { expiresAt: 0 };
    let received = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE()) {
        const end = 4 + received.readInt32BE();
        const message = received.subarray(4, end);
        received = received.subarray(end);
        const answer = await this.#answer(requestIn(message), session);
        // Brokers close a connection whose session has expired (KIP-368).
        if (!answer) return void socket.destroy();
        socket.write(sized(Buffer.concat([message.subarray(4, 8), answer])));
      }
    }
  }

  async #answer({ key, version, body }: Request, session: Session): Promise<Buffer | undefined> {
    switch (key) {
      case API_VERSIONS.key: {
        const isKnown = version <= API_VERSIONS.newest;
        const apis = APIS.map((api) => Buffer.concat([int16(api.key), int16(0), int16(api.newest)]));
        const throttle = isKnown && version > 0 ? int32(0) : Buffer.alloc(0);
        return Buffer.concat([int16(isKnown ? 0 : UNSUPPORTED_VERSION), int32(apis.length), ...apis, throttle]);
      }
      case SASL_HANDSHAKE.key:
        return Buffer.concat([int16(0), int32(1), text('OAUTHBEARER')]);
      case SASL_AUTHENTICATE.key:
        return this.#authenticate(body, session);
      default:
        if (session.expiresAt <= this.options.now()) return undefined;
        return Buffer.concat([int32(1), int32(0), text('127.0.0.1'), int32(this.#port), int32(0)]);
    }
  }

  async #authenticate(body: Buffer, session: Session): Promise<Buffer> {
    // The length, and then `n,,^Aauth=Bearer TOKEN^A^A` (RFC 7628, section 3.1).
    const [, credentials = ''] = body.subarray(4).toString().split(SEPARATOR);
    const token = credentials.replace(/^auth=Bearer /, '');
    try {
      const { expiresAt } = await this.options.verify(token);
      const lifetime = Math.min(expiresAt - this.options.now(), this.options.maxReauth);
      session.expiresAt = this.options.now() + lifetime;
      this.tokens.push(token);
      return Buffer.concat([int16(0), int16(-1), int32(0), int64(lifetime)]);
    } catch {
      return Buffer.concat([int16(SASL_AUTHENTICATION_FAILED), text('the token is refused'), int32(0), int64(0)]);
    }
  }
}

function requestIn(message: Buffer): Request {
  const clientId = Math.max(0, message.readInt16BE(8));
  return { key: message.readInt16BE(0), version: message.readInt16BE(2), body: message.subarray(10 + clientId) };
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(Math.floor(value)));
  return bytes;
}

const text = (value: string): Buffer => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
const sized = (message: Buffer): Buffer => Buffer.concat([int32(message.length), message]);
