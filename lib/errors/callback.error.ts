import { M2MError } from './m2m.error.js';

/** A function of the options failed: it threw, took too long, or returned what it must not. */
export class CallbackError extends M2MError {
  static {
    this.prototype.name = 'CallbackError';
  }

  readonly code = 'ERR_M2M_CALLBACK';

  /**
   * @param option the path of the function in the options: `authorizationServer.readTokenResponse`
   * @param problem what it did
   */
  constructor(
    readonly option: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`the function ${option} ${problem}`, options);
  }
}
