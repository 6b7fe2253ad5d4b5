import { describe, expect, it } from '@jest/globals';
import { CHECKS, checks } from './checks.js';
import type { RealServer, ServerDescription } from './real-server.js';

/** Milliseconds. Servers are ready when a check begins, and one check restarts its server. */
const TIMEOUT = 120_000;

/**
 * The whole of both halves against a real server: the same checks for each. `matrix-reporter.mjs` reads the results.
 *
 * @param serverOf the server, which runs when the first check begins
 */
export function describeBothHalves({ name, version, lacks = {} }: ServerDescription, serverOf: () => RealServer): void {
  describe(`${name} ${version}: both halves`, () => {
    for (const check of CHECKS) {
      const lack = lacks[check];
      if (lack) {
        describe(check, () => {
          it(
            lack.reason,
            async () => {
              expect.hasAssertions();
              await lack.proof(serverOf());
            },
            TIMEOUT,
          );
        });
      } else {
        it(
          check,
          async () => {
            expect.hasAssertions();
            await checks[check](serverOf());
          },
          TIMEOUT,
        );
      }
    }
  });
}
