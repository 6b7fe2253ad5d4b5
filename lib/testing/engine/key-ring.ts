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
  /** How many old keys stay published after a rotation. */
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

/** The signing keys of one server: the last one signs, all are published. */
export class KeyRing {
  private constructor(
    private readonly style: KeySetStyle,
    private keys: readonly SigningKey[],
    private readonly others: readonly JWK[],
  ) {}

  static async create(style: KeySetStyle): Promise<KeyRing> {
    const [signing, encryption] = await Promise.all([signingKey(style), encryptionKeys(style)]);
    return new KeyRing(style, [signing], encryption);
  }

  get current(): SigningKey {
    return this.keys.at(-1)!;
  }

  get published(): readonly JWK[] {
    return [...this.keys.map(({ jwk }) => jwk), ...this.others];
  }

  find(kid: string | undefined): SigningKey | undefined {
    return this.keys.find((key) => key.kid === kid);
  }

  async rotate(): Promise<void> {
    const next = await signingKey(this.style);
    this.keys = [...this.keys.slice(-this.style.oldKeys || Infinity), next];
  }

  async drop(kid: string): Promise<void> {
    if (kid === this.current.kid) await this.rotate();
    this.keys = this.keys.filter((key) => key.kid !== kid);
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
