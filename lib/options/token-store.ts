/** A token as a store keeps it. */
export interface StoredToken {
  /** The value as it was given to `set`. */
  readonly value: string;
  /** Milliseconds until the store forgets it, by the store's own clock. */
  readonly remaining: number;
}

/** A right to fetch that one process holds at a time. */
export interface TokenStoreLease {
  /** Gives the lease back before it runs out. */
  release(): Promise<void>;
}

/** Where tokens are kept, so that processes can share them. Values are strings; lifetimes are in milliseconds. */
export interface TokenStore {
  /**
   * The value under a key, `undefined` if there is none.
   *
   * @throws TokenStoreError for a value that cannot be used: it is passed over, and the store goes on being used
   */
  get(key: string): Promise<StoredToken | undefined>;
  /**
   * Keeps a value under a key for `lifetime` milliseconds.
   *
   * @param keepLonger whether a value stays that is kept for longer. A store need not look: it was read a moment ago
   * @throws TokenStoreError
   */
  set(key: string, value: string, lifetime: number, keepLonger?: boolean): Promise<void>;
  /** Removes a value; with `ifValue`, only if it is still that one. */
  delete(key: string, ifValue?: string): Promise<void>;
  /** Takes a lease for `lifetime` milliseconds; `undefined` if another process holds it. Absent: each process requests its own token. */
  acquire?(key: string, lifetime: number): Promise<TokenStoreLease | undefined>;
  /**
   * Prolongs a lease that `acquire` granted: it ends `lifetime` milliseconds from now. `false` if it has ended, even if
   * nobody else holds it. Absent: leases are granted for as long as a token request may take, and others wait that long
   * for a process that died.
   */
  renew?(lease: TokenStoreLease, lifetime: number): Promise<boolean>;
}
