import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { credentialsOf, redact } from '../../../../../lib/client/tokens/endpoint/redaction.js';

const secret = 'p%ss wörd+&"<\'/';
const lowerCase = (text: string) => text.replaceAll(/%../g, (escape) => escape.toLowerCase());
const html = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll("'", '&#39;');

const entities: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/** Whatever servers make of a character. */
function formsOf(character: string): string[] {
  if (/^[\w.-]$/.test(character)) return [character];
  const escaped = Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const units = character.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const code = character.codePointAt(0) ?? 0;
  const form = new URLSearchParams({ s: character }).toString().slice(2);
  const entity = entities[character];
  return [
    character,
    `\\${character}`,
    JSON.stringify(character).slice(1, -1),
    escaped,
    escaped.toUpperCase(),
    encodeURIComponent(character),
    form,
    units.join(''),
    units.map((unit) => `\\u${unit.slice(2).toUpperCase()}`).join(''),
    `&#${code};`,
    `&#000${code};`,
    `&#x${code.toString(16)};`,
    `&#X0${code.toString(16).toUpperCase()};`,
    ...(entity ? [`&${entity};`] : []),
  ];
}

function oneOf(forms: readonly string[], choices: Iterator<number>): string {
  return forms[(choices.next().value as number) % forms.length] ?? '';
}

/** Of what is read in more ways than one, of what those ways are made of, and of anything. */
const credentials = fc
  .string({
    unit: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('\\', '\\', '%', '&', '"', "'", '+', ' ', '/', '<', ';', '#', '!') },
      {
        weight: 2,
        arbitrary: fc.constantFrom('u', '0', '2', '5', 'c', 'C', 'x', '3', 'amp;', 'n', '\n', '\u2028', 'é', '😀'),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
    ),
    minLength: 1,
    maxLength: 40,
  })
  .filter((text) => !/[«»]/.test(text));

describe('presentable', () => {
  it.each([
    ['as it is', secret],
    ['encoded for a URL', encodeURIComponent(secret)],
    ['encoded for a form', new URLSearchParams({ s: secret }).toString().slice(2)],
    ['encoded for a URL in lower case', lowerCase(encodeURIComponent(secret))],
    ['encoded for a form in lower case', lowerCase(new URLSearchParams({ s: secret }).toString().slice(2))],
    ['in JSON', JSON.stringify(secret)],
    ['in JSON with escaped slashes', JSON.stringify(secret).replaceAll('/', '\\/')],
    ['in JSON that is safe in HTML', JSON.stringify(secret).replace('&', '\\u0026').replace('<', '\\u003C')],
    ['in HTML', html(secret)],
    ['in HTML by numbers', secret.replaceAll(/[^a-z]/g, (character) => `&#x0${character.charCodeAt(0).toString(16)};`)],
    ['encoded for a URL, in HTML', html(encodeURIComponent(secret))],
  ])('takes out a credential %s', (_name, echoed) => {
    expect(redact(`you sent ${echoed}!`, [secret])).toMatch(/^you sent "?\[redacted\]"?!$/);
  });

  it('takes out any credential, each of its characters encoded as any server may', () => {
    fc.assert(
      fc.property(credentials, fc.infiniteStream(fc.nat()), (credential, choices) => {
        const echoed = Array.from(credential, (character) => oneOf(formsOf(character), choices)).join('');
        expect(redact(`«${echoed}»`, [credential])).toBe('«[redacted]»');
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['holds another', 'abcdef', ['abc', 'abcdef', '']],
    ['begins before another ends', 'abcdefg', ['bcdefg', 'abc']],
    ['begins before it ends', 'ababa', ['aba']],
  ])('takes out whole what %s', (_name, text, all) => {
    expect(redact(`<${text}>`, all)).toBe('<[redacted]>');
  });

  it.each([
    ['symbols', '!'.repeat(32), '!'.repeat(32)],
    ['quotes in JSON', '"'.repeat(32), '\\"'.repeat(32)],
    ['backslashes, of which any may be escaped', '\\'.repeat(40), '\\'.repeat(60)],
  ])('does not try all combinations with %s that are almost a credential', (_name, credential, echoed) => {
    expect(redact(`${echoed}y`, [`${credential}x`])).toBe(`${echoed}y`);
  });

  it.each([
    ['what is shown', (length: number) => 'x'.repeat(500 - length)],
    ['what is read', (length: number) => '\n'.repeat(5000 - length)],
  ])('shows no part of a credential at the end of %s', (_name, before) => {
    const digits = '0123456789%0123456789';
    for (let length = 0; length <= digits.length; length++) {
      for (const echoed of [digits, encodeURIComponent(digits)]) {
        expect(redact(before(length) + echoed, [digits])).not.toMatch(/[\d%]/);
      }
    }
  });

  it('shows what follows a long credential', () => {
    const assertion = 'eyJ'.repeat(700);
    expect(redact(`${assertion} is too old`, [assertion])).toBe('[redacted] is too old');
  });

  it('is bounded in what it reads', () => {
    const text = '\n'.repeat(400_000);
    expect(redact(text, [secret])).toBe('...');
  });

  it('has no control characters, no line breaks and a bounded length', () => {
    expect(redact('a\r\n\u001b[31mb\u2028c ', [])).toBe('a [31mb c');
    expect(redact('x'.repeat(1000), [])).toHaveLength(503);
  });
});

describe('credentialsOf', () => {
  it.each([
    ['the secret', {}, {}, ['p+ q']],
    ['the secret beside the client id', { authorization: `Basic ${btoa('urn:id:p+ q')}` }, {}, [btoa('urn:id:p+ q')]],
    ['an assertion', {}, { client_assertion: 'jwt' }, ['jwt']],
  ])('finds %s', (_name, headers, body, found) => {
    expect(credentialsOf('p+ q', headers, new URLSearchParams(body))).toEqual(expect.arrayContaining(found));
  });
});
