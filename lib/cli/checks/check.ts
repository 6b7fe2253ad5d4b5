/** What is wrong with something that was looked at. */
export interface Finding {
  /** What was found. Never a secret, a token or an assertion. */
  readonly problem: string;
  /** The line to write; several lines if there is a choice. */
  readonly remedy: string;
}

/** One thing that was looked at. */
export interface Check {
  /** Its name: `iss`, `discovery`. */
  readonly name: string;
  /** `unknown`: it could not be looked at. */
  readonly result: 'ok' | 'wrong' | 'unknown';
  /** What was seen there, or the reason why nothing was. */
  readonly seen: string;
  /** What is wrong with it, if something is. */
  readonly finding: Finding | undefined;
}

export function ok(name: string, seen: string): Check {
  return { name, result: 'ok', seen, finding: undefined };
}

export function wrong(name: string, problem: string, remedy: string, seen = ''): Check {
  return { name, result: 'wrong', seen, finding: { problem, remedy } };
}

/** @param why the reason why it was not looked at */
export function unknown(name: string, why: string): Check {
  return { name, result: 'unknown', seen: why, finding: undefined };
}
