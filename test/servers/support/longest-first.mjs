const LONGEST = ['keycloak', 'spring'];

/** Starts the test files that take the longest first, so that no worker is idle at the end. */
export default class LongestFirst {
  sort(tests) {
    return tests.toSorted((a, b) => rankOf(a) - rankOf(b));
  }

  /** Jest calls it. The order does not depend on results. */
  cacheResults() {}
}

function rankOf({ path }) {
  const rank = LONGEST.findIndex((name) => path.endsWith(`/${name}.spec.ts`));
  return rank === -1 ? LONGEST.length : rank;
}
