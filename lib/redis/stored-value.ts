import { FORMAT, unusable } from './envelope.js';

/** A value, and when it is valid by Redis's clock: milliseconds since the epoch. */
export interface StoredValue {
  readonly value: string;
  readonly storedAt: number;
  readonly expiresAt: number;
}

/** As the text that goes into the envelope. */
export function encodeValue({ value, storedAt, expiresAt }: StoredValue): string {
  return JSON.stringify([FORMAT, storedAt, expiresAt, value]);
}

/** Reads it back. @throws TokenStoreError for anything else */
export function decodeValue(text: string): StoredValue {
  const [format, storedAt, expiresAt, value] = parsed(text);
  if (format !== FORMAT || !isTime(storedAt) || !isTime(expiresAt) || typeof value !== 'string') {
    throw unusable('holds something else than a token');
  }
  return { value, storedAt, expiresAt };
}

/** Milliseconds that a value is still valid. A clock that was set back does not prolong them. */
export function remaining({ storedAt, expiresAt }: StoredValue, now: number): number {
  return Math.min(expiresAt - now, expiresAt - storedAt);
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function parsed(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
