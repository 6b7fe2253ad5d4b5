/** No token request was sent, because the one before it failed a moment ago. */
export class RequestPostponed extends Error {
  /**
   * @param failure what its caller is told
   * @param pause milliseconds until the next request may be sent
   */
  constructor(
    readonly failure: Error,
    readonly pause: number,
  ) {
    super(failure.message);
  }
}
