import { getOrInsert } from '../../collections/get-or-insert.js';
import { isLoopback } from '../../http/loopback.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';

/** The targets at one origin. */
interface Origin<Target> {
  /** Whether it is on this machine. */
  readonly isLocal: boolean;
  readonly byPath: Map<string, Target>;
  /** Length of the longest path of a target here. */
  longest: number;
}

/** The targets of an application, by name and by the URLs below them. Their number does not make a look-up slower. */
export class TargetIndex<Target extends Pick<ResolvedTarget, 'name' | 'origin' | 'path'> = ResolvedTarget> {
  readonly #byName = new Map<string, Target>();
  readonly #origins = new Map<string, Origin<Target>>();

  /** @param targets no two at the same place */
  constructor(targets: readonly Target[]) {
    for (const target of targets) {
      const { name, origin, path } = target;
      this.#byName.set(name, target);
      const here = getOrInsert(this.#origins, origin, () => {
        return { isLocal: isLoopback(new URL(origin)), byPath: new Map<string, Target>(), longest: 0 };
      });
      here.byPath.set(path, target);
      here.longest = Math.max(here.longest, path.length);
    }
  }

  /** The target of a name, if there is one. */
  get(name: string): Target | undefined {
    return this.#byName.get(name);
  }

  /** All targets, in the order of the options. */
  all(): Target[] {
    return [...this.#byName.values()];
  }

  /**
   * The target under whose origin and path prefix a URL lies; of several, the one with the longest prefix. Plain HTTP is
   * refused when the options are read: a URL under a target has the scheme of the target.
   */
  find({ origin, pathname }: URL): Target | undefined {
    const here = this.#origins.get(origin);
    if (!here) return undefined;
    // A prefix ends at the end of the path, or before a slash.
    let end = pathname.length > here.longest ? pathname.lastIndexOf('/', here.longest) : pathname.length;
    for (;;) {
      const found = here.byPath.get(pathname.slice(0, end));
      if (found || end <= 0) return found;
      end = pathname.lastIndexOf('/', end - 1);
    }
  }

  /** Whether a target is on this machine. */
  isLocal({ origin }: Target): boolean {
    return this.#origins.get(origin)?.isLocal === true;
  }
}
