import { hash } from 'node:crypto';

/** Milliseconds between two questions for something else than what is refused. */
export const ASK_AGAIN = 5000;

/** A text by which a client proves who it is, and that a function of the options gives: its secret, or an assertion. */
export interface Credentials {
  /**
   * What to authenticate with now.
   *
   * @param patience milliseconds that the function may take
   * @throws TokenEndpointError where it fails or takes longer, M2MConfigurationError where it returns no text
   */
  value(patience: number): Promise<string>;

  /**
   * Whether there is something else by now than what was refused.
   *
   * @param refused its fingerprint
   * @param patience milliseconds that the function may take
   * @throws TokenEndpointError, M2MConfigurationError where there is nothing yet to compare it with
   */
  changedSince(refused: string, patience: number): Promise<boolean>;
}

/** A few bits of a text's hash: enough to tell two texts apart, too few to find one. */
export function fingerprint(text: string): string {
  return hash('sha256', text).slice(0, 8);
}

/** Beside the errors and not in them: errors are shown. */
const presented = new WeakMap<Error, string>();

/** The fingerprint of what a failed token request was sent with. */
export function presentedWith(error: Error): string | undefined {
  return presented.get(error);
}

export function notePresented(error: Error, credentials: string): void {
  presented.set(error, fingerprint(credentials));
}
