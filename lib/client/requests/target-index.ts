import { getOrInsert } from '../../collections/get-or-insert.js';
import { isLoopback } from '../../http/loopback.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import { PathPrefixes } from './path-prefixes.js';
import { hasReadings, readingsOf } from './path-readings.js';

/** The targets at one origin. */
interface Origin<Target extends object> {
  /** Whether it is on this machine. */
  readonly isLocal: boolean;
  readonly byPath: PathPrefixes<Target>;
  /** By each path that servers may take the path of a target for. */
  readonly byReading: PathPrefixes<Set<Target>>;
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
        const isLocal = isLoopback(new URL(origin));
        return { isLocal, byPath: new PathPrefixes<Target>(), byReading: new PathPrefixes<Set<Target>>() };
      });
      here.byPath.set(path, target);
      for (const reading of readingsOf(path)) getOrInsert(here.byReading, reading, () => new Set()).add(target);
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
    return this.#origins.get(origin)?.byPath.find(pathname);
  }

  /** Another target that a server may take a URL under a target for, if it decodes the path or ignores its case. */
  findMisread({ origin, pathname }: URL, target: Target): Target | undefined {
    const here = this.#origins.get(origin);
    if (!here || here.byPath.size < 2 || !hasReadings(pathname)) return undefined;
    const found = readingsOf(pathname).map((reading) => here.byReading.find(reading));
    const [misread] = found.find((targets) => targets && !targets.has(target)) ?? [];
    return misread;
  }

  /** Whether a target is on this machine. */
  isLocal({ origin }: Target): boolean {
    return this.#origins.get(origin)?.isLocal === true;
  }
}
