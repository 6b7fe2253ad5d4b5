import { isUtf8 } from 'node:buffer';
import type { Claims } from '../../../authorization-servers/authorization-server.js';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import { parseStrictObject } from './strict-json.js';
import { tokenShape } from './token-shape.js';

/** The longest access token that is looked at, in characters. */
export const LONGEST_TOKEN = 16 * 1024;

/** A JWT as it was sent: parsed, nothing of it believed. */
export interface CompactJws {
  /** The header as it was sent: see {@link parseHeader}. */
  readonly encodedHeader: string;
  readonly claims: Claims;
  /** The bytes of the payload, one character each. */
  readonly payload: string;
  /** What the signature is of. */
  readonly signingInput: Buffer;
  readonly signature: Buffer;
}

const compactSerialization = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The last characters whose unused bits are zero, by the length of the text modulo 4. */
const lastCharacters = [undefined, [], 'AQgw'.split(''), 'AEIMQUYcgkosw048'.split('')];

/**
 * Takes a JWS in compact serialization apart.
 *
 * @throws InvalidTokenError for anything that two readers might read differently
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-7.1 RFC 7515, section 7.1}
 */
export function parseCompactJws(token: string): CompactJws {
  if (token.length > LONGEST_TOKEN)
    throw new InvalidTokenError('too-large', `the token has ${token.length} characters`);
  if (!compactSerialization.test(token)) throw malformed(`the token is not a JWT: ${tokenShape(token)}`);
  const parts = token.split('.') as [header: string, payload: string, signature: string];
  if (!parts.every(isCanonical)) throw malformed('the token is not canonical base64url');
  const payload = Buffer.from(parts[1], 'base64url');
  return {
    encodedHeader: parts[0],
    claims: parsePart(payload, 'payload'),
    payload: payload.toString('latin1'),
    signingInput: Buffer.from(token.slice(0, token.lastIndexOf('.')), 'latin1'),
    signature: Buffer.from(parts[2], 'base64url'),
  };
}

/** The `iss` that a token names, unverified; `undefined` if it is not a JWT, or names none. */
export function issuerNamedBy(token: string): string | undefined {
  try {
    const { iss } = parseCompactJws(token).claims;
    return typeof iss === 'string' ? iss : undefined;
  } catch {
    return undefined;
  }
}

/** @throws InvalidTokenError for a header that two readers might read differently */
export function parseHeader(encoded: string): Readonly<Record<string, unknown>> {
  return parsePart(Buffer.from(encoded, 'base64url'), 'header');
}

/** Whether no other text encodes the same bytes. @see {@link https://www.rfc-editor.org/rfc/rfc4648#section-3.5 RFC 4648, section 3.5} */
function isCanonical(text: string): boolean {
  return lastCharacters[text.length % 4]?.includes(text.slice(-1)) ?? true;
}

function parsePart(bytes: Buffer, part: string): Readonly<Record<string, unknown>> {
  const parsed = isUtf8(bytes) ? parseStrictObject(bytes.toString('utf8')) : undefined;
  if (!parsed) throw malformed(`the ${part} of the token is not a JSON object that can be read in one way only`);
  return parsed;
}

function malformed(message: string): InvalidTokenError {
  return new InvalidTokenError('malformed', message);
}
