/**
 * What a response tells of its request. Node's own request object prints its headers, and the token with them, so this
 * one takes its place.
 */
export class SentRequest {
  constructor(
    /** In upper case. */
    readonly method: string,
    /** The URL that answered, after redirects. */
    readonly url: string,
  ) {}

  /** The same URL in the place that Axios's users know. */
  get res(): { readonly responseUrl: string } {
    return { responseUrl: this.url };
  }
}
