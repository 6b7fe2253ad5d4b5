/** The known name that a misspelt one most likely means; `undefined` if none is near enough. */
export function similarName(name: string, known: readonly string[]): string | undefined {
  const letters = lettersOf(name);
  const candidates = known.map((candidate) => ({ candidate, edits: edits(letters, lettersOf(candidate)) }));
  const [nearest] = candidates.toSorted((a, b) => a.edits - b.edits);
  if (nearest && nearest.edits <= Math.max(1, letters.length / 4)) return nearest.candidate;
  return known.find((candidate) => lettersOf(candidate).includes(letters) || letters.includes(lettersOf(candidate)));
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** How many letters must be changed, added or removed to make one word of the other (Levenshtein). */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let index = 0; index < from.length; index += 1) {
    const next = [index + 1];
    for (let column = 0; column < to.length; column += 1) {
      const changed = (row[column] ?? 0) + (from[index] === to[column] ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
