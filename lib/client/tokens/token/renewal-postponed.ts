/** A renewal is postponed: the token at hand lasts longer than that. */
export class RenewalPostponed extends Error {
  /** @param pause milliseconds until the renewal is tried again */
  constructor(readonly pause: number) {
    super('the renewal is postponed');
  }
}
