import type { ResolvedTarget } from '../../options/resolved-options.js';

/** The fields of a target that decide which URLs lie under it. */
export type TargetLocation = Pick<ResolvedTarget, 'name' | 'origin' | 'path'>;

/**
 * The target under whose origin and path prefix a URL lies; of several, the one with the longest prefix. Plain HTTP is
 * refused when the options are read: a URL under a target has the scheme of the target.
 */
export function findTarget<Target extends TargetLocation>(targets: readonly Target[], url: URL): Target | undefined {
  const { origin } = url;
  let found: Target | undefined;
  for (const target of targets) {
    if (target.origin === origin && liesUnder(target.path, url.pathname)) {
      if (found === undefined || target.path.length > found.path.length) found = target;
    }
  }
  return found;
}

/** Whether a path is equal to a prefix, or below it. */
function liesUnder(prefix: string, path: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}
