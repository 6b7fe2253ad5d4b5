import type { AxiosInstance } from 'axios';

/** What a call is made with. */
export interface Caller {
  readonly http: AxiosInstance;
  /** Of the server. */
  readonly url: string;
  /** The base URL of the instance. */
  readonly base: string;
  /** Resolves when the server has seen the next request. */
  readonly arrival: () => Promise<unknown>;
  /** Adds something that the caller saw beside the result. */
  note(what: unknown): void;
}

/** One configuration of an outbound call. */
export type ParityCase = (caller: Caller) => Promise<unknown>;

/** Configurations, by what is particular about them. */
export type ParityCases = Readonly<Record<string, ParityCase>>;
