const MOST_KIDS = 1000;
const LONGEST_KID = 256;

/** The `kid`s that the last fetch did not find: to fetch for them again would be in vain. Bounded, whatever is sent. */
export class UnknownKids {
  private readonly kids = new Set<string>();

  has(kid: string): boolean {
    return this.kids.has(kid);
  }

  add(kid: string): void {
    if (this.kids.size < MOST_KIDS && kid.length <= LONGEST_KID) this.kids.add(kid);
  }

  clear(): void {
    this.kids.clear();
  }
}
