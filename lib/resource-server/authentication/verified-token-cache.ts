import { hash } from 'node:crypto';
import type { Clock } from '../../time/clock.js';
import { later, now, until, type Moment } from '../../time/moment.js';
import type { M2MCaller } from '../../caller/m2m-caller.js';
import type { VerifiedToken } from './jwt/jwt-authenticator.js';

/** What an entry costs in memory beside the payload of its token, and beside the lists that are its own. */
const BYTES_PER_ENTRY = 400;
/** What an item of a list costs beside its characters. */
const BYTES_PER_ITEM = 40;
/** What an entry may cost on average: few tokens are longer than 2 KiB, and those leave less room for others. */
const BYTES_PER_ALLOWED_ENTRY = 2048;

/**
 * A token that passed, between the one that was used before it and the one that was used after it. It is the instant of
 * its own end: an object for that would be the dearest part of it.
 */
interface Entry extends Pick<VerifiedToken, 'caller' | 'key' | 'keys'>, Moment {
  readonly digest: string;
  older: Entry | undefined;
  newer: Entry | undefined;
}

/**
 * The tokens that passed lately, by their SHA-256 and never by themselves; those used last stay longest.
 *
 * It holds nothing that was refused, so that forged tokens cannot push good ones out.
 */
export class VerifiedTokenCache {
  private readonly entries = new Map<string, Entry>();
  private oldest: Entry | undefined;
  private newest: Entry | undefined;
  private bytes = 0;

  constructor(
    private readonly limits: { readonly maxTokens: number; readonly ttl: number },
    private readonly clock: Clock,
  ) {}

  /** The caller of a token that would pass again now. */
  get(token: string): M2MCaller | undefined {
    const entry = this.entries.get(digestOf(token));
    if (!entry) return undefined;
    const { caller, key, keys } = entry;
    if (key.withdrawn || until(entry, this.clock) <= 0) {
      this.remove(entry);
      return undefined;
    }
    if (!keys.isUsable()) return undefined;
    this.unlink(entry);
    this.append(entry);
    return caller;
  }

  set(token: string, { caller, key, keys, acceptedUntil }: VerifiedToken): void {
    const digest = digestOf(token);
    const known = this.entries.get(digest);
    if (known) this.remove(known);
    const { monotonic, wall } = later(now(this.clock), this.limits.ttl);
    const end = Math.min(acceptedUntil, wall);
    const entry: Entry = { digest, caller, key, keys, monotonic, wall: end, older: undefined, newer: undefined };
    this.entries.set(digest, entry);
    this.append(entry);
    this.bytes += costOf(entry);
    while (this.oldest && this.isOverfull()) this.remove(this.oldest);
  }

  private isOverfull(): boolean {
    const { maxTokens } = this.limits;
    return this.entries.size > maxTokens || this.bytes > maxTokens * BYTES_PER_ALLOWED_ENTRY;
  }

  private remove(entry: Entry): void {
    this.entries.delete(entry.digest);
    this.unlink(entry);
    this.bytes -= costOf(entry);
  }

  private append(entry: Entry): void {
    entry.older = this.newest;
    entry.newer = undefined;
    if (this.newest) this.newest.newer = entry;
    else this.oldest = entry;
    this.newest = entry;
  }

  private unlink({ older, newer }: Entry): void {
    if (older) older.newer = newer;
    else this.oldest = newer;
    if (newer) newer.older = older;
    else this.newest = older;
  }
}

/** Lists may be shared with other entries; each pays for them in full, as if the others were gone. */
function costOf({ caller: { payloadBytes, clientId, organization = '', scopes, audience } }: Entry): number {
  const texts = payloadBytes + clientId.length + organization.length;
  return BYTES_PER_ENTRY + texts + costOfList(scopes) + costOfList(audience);
}

function costOfList(list: readonly string[]): number {
  return list.reduce((bytes, item) => bytes + BYTES_PER_ITEM + item.length, 0);
}

function digestOf(token: string): string {
  return hash('sha256', token, 'binary');
}
