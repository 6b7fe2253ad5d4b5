import { isTokenText, type IssuedToken } from '../token/cached-token.js';

const FORMAT = 1;

/** A token as others left it. */
export interface TokenRecord {
  readonly issued: IssuedToken;
  /** Milliseconds that the endpoint took for it. */
  readonly fetchTime: number;
}

/** A token as the text that a store keeps. */
export function encodeToken({ issued: { value, lifetime, scope }, fetchTime }: TokenRecord): string {
  return JSON.stringify([FORMAT, value, lifetime, scope ?? null, fetchTime]);
}

/** Reads it back; `undefined` for anything else, and for another version's format. */
export function decodeToken(text: string): TokenRecord | undefined {
  try {
    const [format, value, lifetime, scope, fetchTime] = JSON.parse(text) as unknown[];
    if (format !== FORMAT || !isTokenText(value) || !isDuration(lifetime) || lifetime === 0) return undefined;
    if (!isDuration(fetchTime) || (scope !== null && !Array.isArray(scope))) return undefined;
    return { issued: { value, lifetime, scope: scope?.map(String) }, fetchTime };
  } catch {
    return undefined;
  }
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
