import { createPublicKey, type KeyObject } from 'node:crypto';
import { algorithmsOf } from '../../../json-web-keys/key-rules.js';
import type { SignatureAlgorithm } from '../../../json-web-keys/signature-algorithms.js';
import { verifySignature } from './verify-signature.js';

/** A public key of an issuer. It is the same object for as long as the issuer publishes it. */
export class VerificationKey {
  readonly publicKey: KeyObject;
  /** The values of `alg` that it verifies. Empty if the key is of no use: too weak, of an unknown kind, or published for something else. */
  readonly algorithms: readonly string[];
  /** What tells it from others, in one text: equal if the same key is published in the same way. */
  readonly identity: string;
  /** The issuer no longer publishes it: nothing that it signed passes. */
  withdrawn = false;
  private readonly rows: readonly SignatureAlgorithm[];

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
    this.rows = algorithmsOf(this.publicKey, alg);
    this.algorithms = this.rows.map(({ name }) => name);
  }

  /** Whether a signature is one of this key, by one of its algorithms. A promise if that takes long. */
  verify(alg: string, input: Buffer, signature: Buffer): boolean | Promise<boolean> {
    const algorithm = this.rows.find(({ name }) => name === alg);
    return algorithm !== undefined && verifySignature(algorithm, this.publicKey, input, signature);
  }

  /** Whether both verify the same signatures. They may be published with different members. */
  isSameKey({ publicKey }: VerificationKey): boolean {
    return this.publicKey.equals(publicKey);
  }
}
