import type { ShownToken } from './explain-token.js';

/** The claims of a token, a line each; none for a token that is no JWT. */
export function claimLines(token: ShownToken | undefined): readonly string[] {
  if (!token) return [];
  const claims = Object.entries(token.claims);
  const lines = claims.map(([name, value]) => `  ${JSON.stringify(name).slice(1, -1)}  ${JSON.stringify(value)}`);
  return ['', 'What the token says of itself:', '', ...lines];
}
