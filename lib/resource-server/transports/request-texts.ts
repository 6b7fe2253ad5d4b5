import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import { isObject } from '../../validation/checks.js';
import type { M2MHttpRequest } from './m2m-request.js';

/** The most levels of a body: each level makes its parts cost more, and no honest body has so many. */
const DEEPEST = 100;

/**
 * All text of a request in which somebody might look for a token: of its URL and headers, then of its body as parsed.
 *
 * @throws InvalidTokenError for a body that is over 100 levels deep
 */
export function* textsOf({ headers, url = '', body }: M2MHttpRequest): Generator<string> {
  yield [url, ...Object.values(headers).flat(), ...base64Decoded(headers['authorization'])].join('\n');
  yield textsIn(body).join('\n');
}

/**
 * The text that an Authorization header encodes in base64, as Basic credentials do.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7617#section-2 RFC 7617, section 2}
 */
function base64Decoded(authorization: string | readonly string[] = ''): string[] {
  const words = String(authorization).match(/[\w+/-]{20,}/g) ?? [];
  return words.map((word) => Buffer.from(word, 'base64').toString());
}

/** The names and values of a form or of JSON. */
function textsIn(body: unknown): string[] {
  const texts: string[] = [];
  const path: unknown[] = [];
  const visit = (node: unknown): void => {
    if (typeof node === 'string') texts.push(node);
    const children = childrenOf(node);
    // The fields of multipart forms refer to each other.
    if (children.length === 0 || path.includes(node)) return;
    if (path.length === DEEPEST) throw new InvalidTokenError('request', `the body is over ${DEEPEST} levels deep`);
    path.push(node);
    for (const child of children) visit(child);
    path.pop();
  };
  visit(body);
  return texts;
}

// Other objects than plain ones, such as the streams of uploads, lead to the whole application.
function childrenOf(node: unknown): readonly unknown[] {
  if (Array.isArray(node)) return node;
  if (!isObject(node)) return [];
  const prototype: unknown = Object.getPrototypeOf(node);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain ? [...Object.keys(node), ...Object.values(node)] : [];
}
