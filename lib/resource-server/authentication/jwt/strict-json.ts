import { isObject } from '../../../validation/checks.js';

/** The deepest nesting of objects and arrays that is read. */
const DEEPEST = 16;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * Reads a JSON object as two readers must read it alike: no duplicate members, no `__proto__`, no deep nesting.
 *
 * @returns objects without a prototype, which have no members but those that were written; `undefined` for anything else
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519#section-4 RFC 7519, section 4}
 */
export function parseStrictObject(text: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  // JSON.parse keeps the last of two equal members, so that fewer are left than were written.
  return bareMembers(value, DEEPEST) === countColons(text) ? value : undefined;
}

/** Takes the prototypes of all objects within a value away. @returns how many members they have; `NaN` if one must not be */
function bareMembers(value: object, depth: number): number {
  if (depth === 0 || Object.hasOwn(value, '__proto__')) return NaN;
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  if (items !== value) Object.setPrototypeOf(value, null);
  let count = items === value ? 0 : items.length;
  for (const item of items) if (typeof item === 'object' && item !== null) count += bareMembers(item, depth - 1);
  return count;
}

/** The colons outside of strings: one for each member that was written. */
function countColons(json: string): number {
  let count = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === COLON) count++;
    else if (char === QUOTE) at = endOfString(json, at);
  }
  return count;
}

function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end;
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}
