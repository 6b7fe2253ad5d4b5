/** A token as a store keeps it. */
export interface StoredToken {
  readonly value: string;
  /** Milliseconds until the store forgets it, by the store's own clock. */
  readonly remaining: number;
}

/** A right to fetch that one process holds at a time. */
export interface TokenStoreLease {
  release(): Promise<void>;
}

/** Where tokens are kept, so that processes can share them. Values are strings; lifetimes are in milliseconds. */
export interface TokenStore {
  /** @throws TokenStoreError for a value that cannot be used: it is passed over, and the store goes on being used */
  get(key: string): Promise<StoredToken | undefined>;
  set(key: string, value: string, lifetime: number): Promise<void>;
  /** Removes a value; with `ifValue`, only if it is still that one. */
  delete(key: string, ifValue?: string): Promise<void>;
  /** Takes a lease, or answers `undefined` where another holds it. Absent: no single flight across processes. */
  acquire?(key: string, lifetime: number): Promise<TokenStoreLease | undefined>;
}
