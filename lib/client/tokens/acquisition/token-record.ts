import { isTokenText, type IssuedToken } from '../token/issued-token.js';

const FORMAT = 1;

/** A token as the store keeps it. */
export interface TokenRecord extends Omit<IssuedToken, 'requestedAt'> {
  /** Milliseconds that the endpoint took for it. */
  readonly fetchTime: number;
}

/** A record as the text that the store keeps. */
export function encodeToken({ value, lifetime, scope, fetchTime }: TokenRecord): string {
  return JSON.stringify([FORMAT, value, lifetime, scope ?? null, fetchTime]);
}

/** Reads a record back. `undefined` for any other text, and for the format of another version. */
export function decodeToken(text: string): TokenRecord | undefined {
  try {
    const [format, value, lifetime, scope, fetchTime] = JSON.parse(text) as unknown[];
    if (format !== FORMAT || !isTokenText(value) || !isDuration(lifetime) || lifetime === 0) return undefined;
    if (!isDuration(fetchTime) || (scope !== null && !Array.isArray(scope))) return undefined;
    return { value, lifetime, scope: scope?.map(String), fetchTime };
  } catch {
    return undefined;
  }
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
