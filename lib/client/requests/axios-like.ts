/**
 * As much of an Axios instance as it takes to attach tokens to its requests. Any instance fits, from either of Axios's
 * two declaration files (ESM, CommonJS).
 */
export interface AxiosLike {
  /** The interceptors of the instance, as Axios has them. */
  readonly interceptors: {
    /** Run before each request. */
    readonly request: {
      /** Adds one. @returns its id */
      use(
        onFulfilled: <Config extends object>(config: Config) => Config,
        onRejected?: null,
        options?: { synchronous?: boolean },
      ): number;
      /** Removes one by its id. */
      eject(id: number): void;
    };
    /** Run after each response. */
    readonly response: {
      /** Adds one. @returns its id */
      use(onFulfilled: null, onRejected: (error: unknown) => never): number;
      /** Removes one by its id. */
      eject(id: number): void;
    };
  };
}
