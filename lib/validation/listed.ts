/** The number of names that a message lists at most. */
const MOST_LISTED = 5;

/** Names for a message: the first of them, and the number of the others. */
export function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return names.slice(0, MOST_LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
