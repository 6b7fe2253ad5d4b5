const MOST_LISTS = 500;

/** Keeps equal lists once: tokens differ, and their scopes and audiences are mostly the same. */
export class SharedLists {
  private readonly lists = new Map<string, readonly string[]>();

  /** A frozen list that says the same. */
  share(list: readonly string[]): readonly string[] {
    const text = list.join(' ');
    const known = this.lists.get(text);
    if (known && isEqual(known, list)) return known;
    if (this.lists.size >= MOST_LISTS) this.lists.clear();
    const shared = Object.freeze([...list]);
    this.lists.set(text, shared);
    return shared;
  }
}

/** Items may hold spaces. */
function isEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
