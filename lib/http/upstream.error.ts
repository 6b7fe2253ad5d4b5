/** What kept a usable answer from arriving. */
export type UpstreamFailure = 'network' | 'timeout' | 'unavailable' | 'too-large' | 'redirect' | 'insecure';

/**
 * An authorization server gave no usable answer. Internal: who asked turns it into an error of its own.
 * It is made here, and not from Axios's error, because that one carries the request with its credentials.
 */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';

  constructor(
    readonly failure: UpstreamFailure,
    message: string,
  ) {
    super(message);
  }
}
