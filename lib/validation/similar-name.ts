/** Letters of the longest name that is compared. */
const LONGEST = 100;

/** The known name that a misspelt one most likely means; `undefined` if none is near enough. */
export function similarName(name: string, known: readonly string[]): string | undefined {
  const letters = lettersOf(name);
  if (letters === '' || letters.length > LONGEST) return undefined;
  const others = known.map((candidate) => ({ candidate, its: lettersOf(candidate) })).filter(({ its }) => its !== '');
  const most = Math.max(1, letters.length / 4);
  const near = others
    .filter(({ its }) => Math.abs(its.length - letters.length) <= most)
    .map(({ candidate, its }) => ({ candidate, edits: edits(letters, its) }))
    .filter((each) => each.edits <= most)
    .toSorted((a, b) => a.edits - b.edits);
  return (near[0] ?? others.find(({ its }) => its.includes(letters) || letters.includes(its)))?.candidate;
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** How many letters must be changed, added, removed or swapped with the next to make one word of the other. */
function edits(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let index = 0; index < from.length; index += 1) {
    const next = [index + 1];
    for (let column = 0; column < to.length; column += 1) {
      const changed = (row[column] ?? 0) + (from[index] === to[column] ? 0 : 1);
      const isSwapped = from[index] === to[column - 1] && from[index - 1] === to[column];
      const swapped = isSwapped ? (before[column - 1] ?? 0) + 1 : changed;
      next.push(Math.min(changed, swapped, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[to.length] ?? 0;
}
