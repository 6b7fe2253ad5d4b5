/** No token request was sent, because the last one failed a moment ago. */
export class RequestPostponed extends Error {
  /**
   * @param failure the error for the caller
   * @param pause milliseconds until the next request may be sent
   */
  constructor(
    readonly failure: Error,
    readonly pause: number,
  ) {
    super(failure.message);
  }
}

/** A renewal is postponed: the token at hand lasts longer than that. */
export class RenewalPostponed extends Error {
  /** @param pause milliseconds until the renewal is tried again */
  constructor(readonly pause: number) {
    super('the renewal is postponed');
  }
}
