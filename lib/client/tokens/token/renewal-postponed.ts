/** A renewal is put off: the token at hand lasts longer than that. */
export class RenewalPostponed extends Error {
  /** @param pause milliseconds */
  constructor(readonly pause: number) {
    super('the renewal is put off');
  }
}
