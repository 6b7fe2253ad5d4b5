import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { credentialsOf, redactor } from '../../../../../lib/client/tokens/endpoint/redaction.js';

const redact = (text: string, credentials: readonly string[]) => redactor(credentials)(text);

const secret = 'p%ss wörd+&"<\'/';
const lowerCase = (text: string) => text.replaceAll(/%../g, (escape) => escape.toLowerCase());
const bytes = (text: string) => Buffer.from(text).toString('hex').replaceAll(/../g, '%$&');
const points = (text: string, write: (point: number) => string) =>
  Array.from(text, (character) => write(character.codePointAt(0) ?? 0)).join('');
const units = (text: string) =>
  text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
const html = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll("'", '&#39;');

const ENCODINGS: readonly [string, (text: string) => string][] = [
  ['as it is', String],
  ['encoded for a URL', encodeURIComponent],
  ['encoded for a URL in lower case', (text) => lowerCase(encodeURIComponent(text))],
  ['encoded for a form', (text) => new URLSearchParams({ s: text }).toString().slice(2)],
  ['encoded for a form in lower case', (text) => lowerCase(new URLSearchParams({ s: text }).toString().slice(2))],
  ['with all of its bytes encoded', bytes],
  ['in base64', (text) => Buffer.from(text).toString('base64')],
  ['in base64 without padding', (text) => Buffer.from(text).toString('base64').replace(/=+$/, '')],
  ['in base64url', (text) => Buffer.from(text).toString('base64url')],
  ['in base64, encoded for a URL', (text) => encodeURIComponent(Buffer.from(text).toString('base64'))],
  ['in JSON', (text) => JSON.stringify(text).slice(1, -1)],
  ['in JSON as PHP writes it', (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/')],
  ['in JSON, all of it escaped', units],
  ['in HTML', html],
  ['in HTML, all of it in decimal entities', (text) => points(text, (point) => `&#${point};`)],
  ['in HTML, all of it in hexadecimal entities', (text) => points(text, (point) => `&#X00${point.toString(16)};`)],
];

const NESTED: typeof ENCODINGS = [
  ['in JSON in HTML', (text) => html(JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'))],
  ['in part for a URL, in part for HTML', (text) => html(text.replaceAll('/', '%2F'))],
];

/** Printable, with a preference for what encodings treat in their own way. */
const credentials = fc.string({
  unit: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...Array.from('\\%&"\'+ /<;#!uxé😀25\n\t')) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
  ),
  minLength: 3,
  maxLength: 40,
});

describe('redact', () => {
  it.each([...ENCODINGS, ...NESTED])('hides a credential that the server repeats %s (claim 2.2)', (_name, encode) => {
    expect(redact(`you sent ${encode(secret)}!`, [secret])).toMatch(/^you sent \[redacted\](?:%3D)*!$/);
  });

  it.each(ENCODINGS)('hides any credential that the server repeats %s', (_name, encode) => {
    fc.assert(
      fc.property(credentials, (credential) => {
        const echoed = encode(credential);
        // If it stands there as it is, what the encoding adds around it may stay.
        const forms = [credential, credential.replaceAll(' ', '+')];
        fc.pre(forms.every((form) => echoed === form || !echoed.includes(form)));
        expect(redact(`(${echoed})`, [credential])).toMatch(/^\(\[redacted\](?:%3D)*\)$/);
      }),
    );
  });

  it('leaves encoded text without credentials as the server wrote it', () => {
    const text = 'see https%3A%2F%2Fid.example.com &amp; try &nbsp; again';
    expect(redact(text, [secret])).toBe(text);
  });

  it('leaves entities that name no character', () => {
    expect(redact('&#x110000; &#9999999; s3cret', ['s3cret'])).toBe('&#x110000; &#9999999; [redacted]');
  });

  it('hides the longer of two credentials if one holds the other', () => {
    expect(redact('<abcdef> <abc>', ['abc', 'abcdef', ''])).toBe('<[redacted]> <[redacted]>');
  });

  it('hides a credential of one letter without hiding its own marks', () => {
    expect(redact('red', ['e'])).toBe('r[redacted]d');
  });

  it('hides a credential between whose halves a dropped character stands', () => {
    expect(redact('s3c\u200bret', ['s3cret'])).toBe('[redacted]');
  });

  it.each(ENCODINGS)('shows no part of a credential that spans the cut, %s', (_name, encode) => {
    const digits = '0123456789%0123456789';
    for (let before = 440; before <= 500; before++) {
      const shown = redact('-'.repeat(before) + encode(digits), [digits]);
      expect(shown).toMatch(/^-+(?:\[(?:r(?:e(?:d(?:a(?:c(?:t(?:e(?:d\]?)?)?)?)?)?)?)?)?)?(?:\.\.\.)?$/);
    }
  });

  it('shows what follows a long credential', () => {
    const assertion = 'eyJ'.repeat(700);
    expect(redact(`${assertion} is too old`, [assertion])).toBe('[redacted] is too old');
  });

  it.each([
    ['white space and control characters become one space', 'a\r\n\u001b[31mb\u2028c ', 'a [31mb c'],
    ['quotes and backslashes are dropped', 'client "orders" \\ unknown', 'client orders  unknown'],
    ['characters of all scripts stay', 'ungültig 无效的 недействителен 😀!', 'ungültig 无效的 недействителен 😀!'],
    ['characters that change the direction of writing are dropped', 'a\u202eb\u2066c\u200fd', 'abcd'],
    ['characters without a shape are dropped', 'a\u200bb\u3164c\ue000d\ud800e', 'abcde'],
    ['line separators become a space', 'a\u2028b\u2029c\u0085d', 'a b c d'],
    ['all other characters of RFC 6749, section 5.2 stay', '!#[]~', '!#[]~'],
  ])('cleans text: %s', (_name, text, expected) => {
    expect(redact(text, [])).toBe(expected);
  });

  it('looks at as many characters as it may, and shows nothing that may be half a credential', () => {
    const redactAll = redactor(['s3cret-of-orders'], 1000);
    expect(redactAll('x'.repeat(400))).toBe('x'.repeat(400));
    expect(redactAll(`${' '.repeat(590)}s3cret-of-orders`)).toBe('');
    expect(redactAll('more')).toBe('');
  });

  it('takes the same time for texts of any length beyond that', () => {
    const redactAll = redactor(['s3cret-of-orders'], 50_000);
    expect(redactAll('x%41'.repeat(125_000))).toBe(`${'x%41'.repeat(125)}...`);
    expect(redactAll('x')).toBe('');
  });

  it('does not cut a character in two', () => {
    expect(redact(`x${'😀'.repeat(300)}`, [])).toBe(`x${'😀'.repeat(249)}...`);
  });

  it('cuts what is longer than 500 characters', () => {
    expect(redact('x'.repeat(500), [])).toBe('x'.repeat(500));
    expect(redact('x'.repeat(501), [])).toBe(`${'x'.repeat(500)}...`);
  });
});

describe('credentialsOf', () => {
  it.each([
    ['the credential', {}, {}, ['p+ q']],
    ['the secret beside the client id', { authorization: `Basic ${btoa('urn:id:p+ q')}` }, {}, [btoa('urn:id:p+ q')]],
    ['a secret in the body', {}, { client_secret: 'other' }, ['other']],
    ['a client assertion in the body', {}, { client_assertion: 'jwt' }, ['jwt']],
  ])('finds %s', (_name, headers, body, found) => {
    expect(credentialsOf('p+ q', headers, new URLSearchParams(body))).toEqual(expect.arrayContaining(found));
  });
});
