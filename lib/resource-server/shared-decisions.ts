import { getOrInsert } from '../collections/get-or-insert.js';

/** What a guard decided: an answer, or what it threw. */
type Decision<Answer> = { readonly answer: Answer } | { readonly thrown: unknown };

/** By operation, then by guard, then by the conditions of handlers. */
const decisions = new WeakMap<object, Map<object, Map<string, Decision<unknown>>>>();

/**
 * Decides once for all handlers with equal conditions that one operation reaches: one decision, one log line, one event.
 *
 * @param guard its class: Nest makes an instance of it for each module
 */
export function decideOnce<Answer>(operation: object, guard: object, conditions: string, decide: () => Answer): Answer {
  const ofOperation = getOrInsert(decisions, operation, () => new Map<object, Map<string, Decision<unknown>>>());
  const ofGuard = getOrInsert(ofOperation, guard, () => new Map<string, Decision<unknown>>());
  const decision = getOrInsert(ofGuard, conditions, () => tryTo(decide)) as Decision<Answer>;
  if ('thrown' in decision) throw decision.thrown;
  return decision.answer;
}

function tryTo<Answer>(decide: () => Answer): Decision<Answer> {
  try {
    return { answer: decide() };
  } catch (thrown) {
    return { thrown };
  }
}
