/**
 * As much of an Axios instance as it takes to attach tokens to its requests: any instance fits, whichever of Axios's
 * two declaration files (ESM, CommonJS) its type comes from.
 */
export interface AxiosLike {
  readonly interceptors: {
    readonly request: {
      use(
        onFulfilled: <Config extends object>(config: Config) => Config,
        onRejected?: null,
        options?: { synchronous?: boolean },
      ): number;
      eject(id: number): void;
    };
    readonly response: {
      use(onFulfilled: null, onRejected: (error: unknown) => never): number;
      eject(id: number): void;
    };
  };
}
