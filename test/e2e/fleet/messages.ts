/** What a process of a fleet is started with. */
export interface MemberSettings {
  readonly redisPort: number;
  readonly tokenEndpoint: string;
  readonly encryptionKey: string;
  /** Milliseconds that a token request may take. @default the library's */
  readonly timeout?: number;
}

/** What it is asked to do. */
export interface MemberOrder {
  /** Calls, all at once. */
  readonly calls: number;
  /** Goes on until they get another token than this one. */
  readonly otherThan?: string;
}

/** What came of it, each once. */
export interface MemberAnswer {
  readonly tokens: readonly string[];
  readonly errors: readonly string[];
}
