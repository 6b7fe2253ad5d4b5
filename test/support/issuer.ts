import {
  createPrivateKey,
  createPublicKey,
  constants,
  sign,
  type KeyObject,
  type SignKeyObjectInput,
} from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { exportPKCS8, generateKeyPair } from 'jose';
import type { AuthorizationServer } from '../../lib/authorization-servers/authorization-server.js';
import { json, TestHttpServer, type SeenRequest } from './http-server.js';

/** What the claims of a minted token say unless they are told otherwise. */
export const testAudience = 'https://api.test';
export const testClientId = 'test-client';

/** A signing key of a test issuer. */
export interface TestKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: KeyObject;
  /** As the key set shows it. */
  readonly jwk: Record<string, unknown>;
}

export interface TestIssuerOptions {
  /** Below the server's origin. @default '' */
  readonly path?: string;
  /** Milliseconds since the epoch; a TestClock's `wall`. @default Date.now */
  readonly now?: () => number;
}

export interface NewKeyOptions {
  readonly kid?: string;
  /** @default true */
  readonly published?: boolean;
  /** Members of its JWK; `undefined` leaves one out. */
  readonly members?: Members;
}

/** What minting puts into the header beside `alg`, `kid` and `typ`; `undefined` leaves a member out. */
type Members = Record<string, unknown>;

/** An issuer of access tokens on a real HTTP server: discovery, a key set that can change or break, tokens of any shape. */
export class TestIssuer implements AsyncDisposable {
  readonly #keys: TestKey[] = [];
  readonly #published = new Set<TestKey>();
  #brokenKeySet: ((response: ServerResponse) => unknown) | undefined;

  private constructor(
    readonly http: TestHttpServer,
    readonly issuer: string,
    private readonly now: () => number,
  ) {}

  static async start({ path = '', now = Date.now }: TestIssuerOptions = {}): Promise<TestIssuer> {
    const http = await TestHttpServer.start((request, response) => self.#answer(request, response));
    const self = new TestIssuer(http, `${http.url}${path}`, now);
    await self.addKey('RS256');
    return self;
  }

  /** The least that describes it: its endpoints are discovered. */
  get authorizationServer(): AuthorizationServer {
    return { name: 'test', issuer: this.issuer };
  }

  get jwksUri(): string {
    return `${this.issuer}/jwks`;
  }

  /** How often the key set was asked for. */
  get keySetRequests(): number {
    return this.http.requests.filter(({ url }) => this.http.url + url === this.jwksUri).length;
  }

  /** Makes a key; `published: false` keeps it out of the key set. */
  async addKey(
    alg: string,
    { kid = `${alg}-${this.#keys.length + 1}`, published = true, members = {} }: NewKeyOptions = {},
  ): Promise<TestKey> {
    const pair = await generateKeyPair(alg, { extractable: true });
    const privateKey = createPrivateKey(await exportPKCS8(pair.privateKey));
    const publicJwk = createPublicKey(privateKey).export({ format: 'jwk' });
    const key = { kid, alg, privateKey, jwk: { ...publicJwk, kid, alg, use: 'sig', ...members } };
    this.#keys.push(key);
    if (published) this.#published.add(key);
    return key;
  }

  /** The newest key of an algorithm; made and published where there is none. */
  async key(alg = 'RS256'): Promise<TestKey> {
    return this.#keys.findLast((key) => key.alg === alg) ?? (await this.addKey(alg));
  }

  /** Publishes a new key, which signs from now on, and withdraws the older ones of its algorithm. */
  async rotate(alg = 'RS256'): Promise<TestKey> {
    const old = this.#keys.filter((key) => key.alg === alg);
    const key = await this.addKey(alg);
    for (const each of old) this.#published.delete(each);
    return key;
  }

  withdraw(key: TestKey): void {
    this.#published.delete(key);
  }

  publish(key: TestKey): void {
    this.#published.add(key);
  }

  /** The key set is answered by this, until `heal()`. */
  breakKeySet(answer: (response: ServerResponse) => unknown): void {
    this.#brokenKeySet = answer;
  }

  heal(): void {
    this.#brokenKeySet = undefined;
  }

  /** What a good access token says now. */
  claims(members: Members = {}): Members {
    const now = Math.floor(this.now() / 1000);
    const lifetime = { iat: now, exp: now + 300 };
    const caller = { sub: testClientId, client_id: testClientId, scope: 'read:products' };
    return { iss: this.issuer, aud: testAudience, ...caller, ...lifetime, jti: crypto.randomUUID(), ...members };
  }

  /** A token of the newest key of `alg`. Members that are `undefined` are left out. */
  async mint(claims: Members = {}, header: Members = {}, alg = 'RS256'): Promise<string> {
    return this.mintWith(await this.key(alg), claims, header);
  }

  /** A token of one key. */
  mintWith(key: TestKey, claims: Members = {}, header: Members = {}): string {
    const fullHeader = { alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header };
    return this.mintRaw(key, JSON.stringify(fullHeader), JSON.stringify(this.claims(claims)));
  }

  /** A token whose header and payload are exactly these bytes, correctly signed whatever they say. */
  mintRaw(key: TestKey, header: string | Uint8Array, payload: string | Uint8Array): string {
    return signCompact(key, `${base64url(header)}.${base64url(payload)}`);
  }

  async stop(): Promise<void> {
    await this.http.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #answer({ url }: SeenRequest, response: ServerResponse): unknown {
    const asked = this.http.url + url;
    if (asked === `${this.issuer}/.well-known/openid-configuration`) {
      return json(response, 200, { issuer: this.issuer, jwks_uri: this.jwksUri });
    }
    if (asked !== this.jwksUri) return json(response, 404, { error: 'not_found' });
    if (this.#brokenKeySet) return this.#brokenKeySet(response);
    return json(response, 200, { keys: [...this.#published].map(({ jwk }) => jwk) });
  }
}

/** Signs `header.payload` as JWS does, whatever it says. */
export function signCompact({ alg, privateKey }: TestKey, signingInput: string): string {
  const options: SignKeyObjectInput = { key: privateKey, dsaEncoding: 'ieee-p1363' };
  if (alg.startsWith('PS')) {
    options.padding = constants.RSA_PKCS1_PSS_PADDING;
    options.saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  }
  const digest = alg.startsWith('Ed') ? undefined : `sha${alg.slice(-3)}`;
  return `${signingInput}.${sign(digest, Buffer.from(signingInput), options).toString('base64url')}`;
}

export function base64url(text: string | Uint8Array): string {
  return Buffer.from(text as string).toString('base64url');
}
