import { getOrInsert } from '../../../collections/get-or-insert.js';
import type { VerificationKey } from './verification-key.js';

/** The most keys that one token is verified with: anybody can send a token that none of them verifies. */
const MOST_TRIED = 4;

/** The usable keys that an issuer publishes at one time. */
export class PublishedKeys {
  private readonly byKid = new Map<string | undefined, VerificationKey[]>();

  constructor(private readonly keys: readonly VerificationKey[] = []) {
    for (const key of keys) getOrInsert(this.byKid, key.kid, () => []).push(key);
  }

  get kids(): readonly (string | undefined)[] {
    return this.keys.map(({ kid }) => kid);
  }

  /** Whether a token with this `kid`, or without one, may be signed with any of them. */
  has(kid: string | undefined): boolean {
    return this.named(kid).length > 0;
  }

  /**
   * The keys that a token may be signed with, as its header says: at most four, in the order in which they are published.
   * A key that is published more than once, with its `alg` and without, say, is there once.
   */
  fitting(alg: string, kid: string | undefined): readonly VerificationKey[] {
    const fitting: VerificationKey[] = [];
    for (const key of this.named(kid)) {
      if (!key.algorithms.includes(alg) || fitting.some((other) => other.isSameKey(key))) continue;
      fitting.push(key);
      if (fitting.length === MOST_TRIED) break;
    }
    return fitting;
  }

  /** The keys that are published now. One that stays is the same object. */
  replacedBy(fetched: readonly VerificationKey[]): PublishedKeys {
    const known = new Map(this.keys.map((key) => [key.identity, key]));
    return new PublishedKeys(fetched.map((key) => known.get(key.identity) ?? key));
  }

  /** Marks the keys that are not among the later ones. @returns their `kid`s */
  withdrawFor(later: PublishedKeys): readonly (string | undefined)[] {
    const kept = new Set(later.keys);
    const withdrawn = this.keys.filter((key) => !kept.has(key));
    for (const key of withdrawn) key.withdrawn = true;
    return withdrawn.map(({ kid }) => kid);
  }

  private named(kid: string | undefined): readonly VerificationKey[] {
    return kid === undefined ? this.keys : (this.byKid.get(kid) ?? []);
  }
}
