import { isTokenText, type IssuedToken } from '../life/held-token.js';

const FORMAT = 1;

/** A token as the text that a store keeps. */
export function encodeToken({ value, lifetime, scope }: IssuedToken): string {
  return JSON.stringify([FORMAT, value, lifetime, scope ?? null]);
}

/** Reads it back; `undefined` for anything else, and for another version's format. */
export function decodeToken(text: string): IssuedToken | undefined {
  try {
    const [format, value, lifetime, scope] = JSON.parse(text) as unknown[];
    if (format !== FORMAT || !isTokenText(value) || !isLifetime(lifetime)) return undefined;
    if (!Array.isArray(scope)) return scope === null ? { value, lifetime, scope: undefined } : undefined;
    return { value, lifetime, scope: scope.map(String) };
  } catch {
    return undefined;
  }
}

function isLifetime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
