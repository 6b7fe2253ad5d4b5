import { isObject } from '../../../validation/checks.js';

/** Whether a token is a JWT: three parts, the first of which is a JSON object that names an algorithm. */
export function isJwt(token: string): boolean {
  const parts = token.split('.', 4);
  if (parts.length !== 3) return false;
  try {
    const header: unknown = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString());
    return isObject(header) && Object.hasOwn(header, 'alg');
  } catch {
    return false;
  }
}
