import { getOrInsert } from '../collections/get-or-insert.js';

/** What a guard decided: an answer, or what it threw. */
type Verdict<Answer> = { readonly answer: Answer } | { readonly thrown: unknown };

/** By operation, then by guard, then by the conditions of handlers. */
const verdicts = new WeakMap<object, Map<object, Map<string, Verdict<unknown>>>>();

/**
 * Decides once for all handlers with equal conditions that one operation reaches: one verdict, one log line, one event.
 *
 * @param guard its class: Nest makes an instance of it for each module
 */
export function decideOnce<Answer>(operation: object, guard: object, conditions: string, decide: () => Answer): Answer {
  const ofOperation = getOrInsert(verdicts, operation, () => new Map<object, Map<string, Verdict<unknown>>>());
  const ofGuard = getOrInsert(ofOperation, guard, () => new Map<string, Verdict<unknown>>());
  const verdict = getOrInsert(ofGuard, conditions, () => tryTo(decide)) as Verdict<Answer>;
  if ('thrown' in verdict) throw verdict.thrown;
  return verdict.answer;
}

function tryTo<Answer>(decide: () => Answer): Verdict<Answer> {
  try {
    return { answer: decide() };
  } catch (thrown) {
    return { thrown };
  }
}
