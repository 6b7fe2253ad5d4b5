import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../time/clock.js';
import { ElapsedTime } from '../../time/elapsed-time.js';
import type { AuthenticatedToken } from './access-token-authenticator.js';

/** What an entry costs in memory beside the texts of its caller. */
const BYTES_PER_ENTRY = 400;
/** What an entry may cost on average: few tokens are longer than 2 KiB, and those leave less room for others. */
const BYTES_PER_ALLOWED_ENTRY = 2048;

/** A prototype that adds nothing. V8 is slow with objects that have no prototype at all. */
const NO_MEMBERS = Object.freeze(Object.create(null) as object);

const NO_OPTIONS = unpolluted({});

/**
 * The tokens that passed lately, by their SHA-256 and never by themselves; those used last stay longest.
 *
 * It holds nothing that was refused, so that forged tokens cannot push good ones out.
 */
export class VerifiedTokenCache {
  private readonly tokens: LRUCache<string, AuthenticatedToken>;

  /**
   * @param limits.maxTokens entries
   * @param limits.ttl milliseconds
   */
  constructor(
    private readonly limits: { readonly maxTokens: number; readonly ttl: number },
    private readonly clock: Clock,
  ) {
    const { maxTokens } = limits;
    const options = {
      max: maxTokens,
      maxSize: maxTokens * BYTES_PER_ALLOWED_ENTRY,
      sizeCalculation: ({ caller }: AuthenticatedToken) => BYTES_PER_ENTRY + caller.bytes,
      ttlResolution: 0,
      perf: new ElapsedTime(clock),
    };
    this.tokens = new LRUCache(unpolluted(options));
  }

  /** Tokens that it holds now. */
  get size(): number {
    return this.tokens.size;
  }

  /** What was authenticated by this digest, if its proof still holds. */
  get(digest: string): AuthenticatedToken | undefined {
    const authenticated = this.tokens.get(digest, NO_OPTIONS);
    if (!authenticated || authenticated.isStillValid()) return authenticated;
    this.tokens.delete(digest);
    return undefined;
  }

  /** Keeps a token that passed, in place of what it kept by this digest. */
  set(digest: string, authenticated: AuthenticatedToken): void {
    const lifetime = Math.min(this.limits.ttl, authenticated.acceptedUntil - this.clock.wall());
    // The cache drops what is older than its ttl, not what is as old; 0 would keep it for good.
    if (lifetime > 1) this.tokens.set(digest, authenticated, unpolluted({ ttl: lifetime - 1 }));
  }
}

/** Options in which nothing counts that other code has put on `Object.prototype`. */
function unpolluted<Options extends object>(options: Options): Options {
  return Object.assign(Object.create(NO_MEMBERS) as object, options);
}

/** What a token is remembered by. */
export function digestOf(token: string): string {
  return hash('sha256', token, 'binary');
}
