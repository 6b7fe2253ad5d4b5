import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';

/** How a product publishes its keys. */
export interface KeySetStyle {
  /** @default 'RS256' */
  readonly alg: string;
  /** Members that its JWKs lack. */
  readonly omit: readonly string[];
  /** Further members of its JWKs. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** The `alg` of an encryption key that it publishes beside. */
  readonly encryptionKey: string | undefined;
  /** How many old keys stay published after a rotation; at least one. */
  readonly oldKeys: number;
  kid(): string;
}

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

/** The keys of one server: one signs, all are published. */
export class KeyRing {
  /** Keys that signed before, and are published still. */
  private old: readonly SigningKey[] = [];

  private constructor(
    private readonly style: KeySetStyle,
    /** The key that signs. */
    private signing: SigningKey,
    private readonly others: readonly JWK[],
  ) {}

  static async create(style: KeySetStyle): Promise<KeyRing> {
    const [signing, encryption] = await Promise.all([signingKey(style), encryptionKeys(style)]);
    return new KeyRing(style, signing, encryption);
  }

  get current(): SigningKey {
    return this.signing;
  }

  get published(): readonly JWK[] {
    return [...this.old, this.signing].map(({ jwk }) => jwk).concat(this.others);
  }

  find(kid: string | undefined): SigningKey | undefined {
    return [...this.old, this.signing].find((key) => key.kid === kid);
  }

  async rotate(): Promise<void> {
    const next = await signingKey(this.style);
    this.old = [...this.old, this.signing].slice(-this.style.oldKeys);
    this.signing = next;
  }

  async drop(kid: string): Promise<void> {
    if (kid === this.current.kid) await this.rotate();
    this.old = this.old.filter((key) => key.kid !== kid);
  }
}

async function signingKey(style: KeySetStyle): Promise<SigningKey> {
  const { alg } = style;
  const pair = await generateKeyPair(alg, { extractable: true });
  const kid = style.kid();
  const jwk = { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig', ...style.extra };
  const kept = Object.entries(jwk).filter(([name]) => !style.omit.includes(name));
  return { ...pair, kid, alg, jwk: Object.fromEntries(kept) };
}

async function encryptionKeys({ encryptionKey: alg, kid }: KeySetStyle): Promise<readonly JWK[]> {
  if (alg === undefined) return [];
  const { publicKey } = await generateKeyPair(alg, { extractable: true });
  return [{ ...(await exportJWK(publicKey)), kid: kid(), alg, use: 'enc' }];
}

/** A key id of the usual look. */
export const randomKid = (): string => randomBytes(16).toString('base64url');
