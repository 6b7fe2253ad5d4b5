import { parseCompactJws } from './compact-jws.js';

/** The `iss` that a token names, unverified; `undefined` if it is not a JWT, or names none. */
export function issuerNamedBy(token: string): string | undefined {
  try {
    const { iss } = parseCompactJws(token).claims;
    return typeof iss === 'string' ? iss : undefined;
  } catch {
    return undefined;
  }
}
