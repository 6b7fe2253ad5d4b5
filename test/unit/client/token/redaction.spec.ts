import { describe, expect, it } from '@jest/globals';
import { credentialsOf, presentable } from '../../../../lib/client/token/endpoint/redaction.js';

const secret = 'p%ss wörd+&"<\'/';
const lowerCase = (text: string) => text.replaceAll(/%../g, (escape) => escape.toLowerCase());
const html = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll("'", '&#39;');

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
    expect(presentable(`you sent ${echoed}!`, [secret])).toMatch(/^you sent "?\[redacted\]"?!$/);
  });

  it('takes out what holds another whole', () => {
    expect(presentable('abcdef', ['abc', 'abcdef', ''])).toBe('[redacted]');
  });

  it('has no control characters, no line breaks and a bounded length', () => {
    expect(presentable('a\r\n\u001b[31mb\u2028c ', [])).toBe('a [31mb c');
    expect(presentable('x'.repeat(1000), [])).toHaveLength(503);
  });
});

describe('credentialsOf', () => {
  it.each([
    ['basic', { authorization: `Basic ${btoa('id:p%2B+q')}` }, {}, ['p%2B+q', 'p+ q', btoa('id:p%2B+q')]],
    ['raw basic', { authorization: `Basic ${btoa('id:100%')}` }, {}, ['100%']],
    ['a secret in the body', {}, { client_secret: 's' }, ['s']],
    ['an assertion', {}, { client_assertion: 'jwt' }, ['jwt']],
  ])('finds %s', (_name, headers, body, found) => {
    expect(credentialsOf(headers, new URLSearchParams(body))).toEqual(expect.arrayContaining(found));
  });
});
