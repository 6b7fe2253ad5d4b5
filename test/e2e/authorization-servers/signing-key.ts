import { exportJWK, generateKeyPair, SignJWT, type JWK, type CryptoKey } from 'jose';

/** A key of a product, and how the product publishes it. */
export class SigningKey {
  private constructor(
    private readonly alg: string,
    private readonly privateKey: CryptoKey,
    readonly jwk: JWK,
  ) {}

  /** @param members of its JWK, beside those of the key itself; `undefined` leaves one out */
  static async make(alg: string, members: Readonly<Record<string, unknown>> = {}): Promise<SigningKey> {
    const { privateKey, publicKey } = await generateKeyPair(alg);
    const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg, use: 'sig', ...members };
    return new SigningKey(alg, privateKey, JSON.parse(JSON.stringify(jwk)) as JWK);
  }

  /** A token with the times of now; claims that are `undefined` are left out. */
  sign(header: Readonly<Record<string, unknown>>, claims: Readonly<Record<string, unknown>>): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iat: now, exp: now + 300, ...claims })
      .setProtectedHeader({ alg: this.alg, kid: String(this.jwk.kid), ...header })
      .sign(this.privateKey);
  }
}
