import { createPublicKey, type KeyObject } from 'node:crypto';

const SHORTEST_RSA = 2048;

const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const curveAlgorithms: Readonly<Record<string, readonly string[]>> = {
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
};

/** A public key of an issuer. It is the same object for as long as the issuer publishes it. */
export class VerificationKey {
  readonly publicKey: KeyObject;
  /** Empty where the key is of no use: too short, of an unknown kind, or published for something else. */
  readonly algorithms: readonly string[];
  /** What tells it from others, in one text: equal where the same key is published in the same way. */
  readonly identity: string;
  /** The issuer no longer publishes it: nothing that it signed passes. */
  withdrawn = false;

  /**
   * @param kid as published, if at all
   * @param alg the only algorithm that it is published for, if it says so
   */
  constructor(
    readonly kid: string | undefined,
    readonly alg: string | undefined,
    pem: string,
  ) {
    this.publicKey = createPublicKey(pem);
    this.identity = JSON.stringify([kid, alg, pem]);
    this.algorithms = algorithmsOf(this.publicKey).filter((each) => alg === undefined || alg === each);
  }

  /** Whether both verify the same signatures, whatever was published beside them. */
  isSameKey({ publicKey }: VerificationKey): boolean {
    return this.publicKey.equals(publicKey);
  }
}

/**
 * The algorithms that a key may verify by its type, curve and size.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-3.1 RFC 7518, section 3.1}
 */
function algorithmsOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): readonly string[] {
  if (type === 'ed25519') return ['EdDSA'];
  const { modulusLength = 0, namedCurve = '' } = { ...details };
  if (type === 'rsa') return modulusLength >= SHORTEST_RSA ? rsaAlgorithms : [];
  return type === 'ec' ? (curveAlgorithms[namedCurve] ?? []) : [];
}
