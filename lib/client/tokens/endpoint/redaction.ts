/** Characters of a text that are shown at most. */
const LONGEST = 500;

/** Stands for a credential until the text is cleaned. It is no character, so no server sends it. */
const MARK = '\uffff';

const HTML_NAMES = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }));

const JSON_ESCAPES = new Map(Object.entries({ n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }));

type Decode = (text: string) => string;

const percent: Decode = (text) =>
  text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString());
const json: Decode = (text) =>
  text.replaceAll(/\\(?:u([0-9a-f]{4})|(.))/gis, (_escape, unit: string | undefined, character: string) =>
    unit === undefined ? (JSON_ESCAPES.get(character) ?? character) : String.fromCharCode(Number.parseInt(unit, 16)),
  );
const html: Decode = (text) =>
  text.replaceAll(/&(?:(#x?)0*([0-9a-f]{1,6})|([a-z]{2,4}));/gi, (entity, radix, code: string, name: string) => {
    if (radix === undefined) return HTML_NAMES.get(name.toLowerCase()) ?? entity;
    const point = Number.parseInt(code, radix === '#' ? 10 : 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : entity;
  });

/** What undoes the encodings of a text that a server repeats. A page may hold JSON, and JSON a URL. */
const DECODINGS: readonly (readonly Decode[])[] = [
  [percent],
  [json],
  [html],
  [percent, json],
  [percent, html],
  [json, html],
  [percent, json, html],
];

/** Makes text of a server fit for messages. Of nothing it makes an empty text. */
export type Redact = (text: string | undefined) => string;

/** Characters that an encoding makes of one at most. */
const LONGEST_ESCAPE = 16;

/**
 * Makes the function that makes the texts of one answer fit for messages.
 *
 * Credentials that the server repeats are replaced by `[redacted]`: as they are, in base64, percent-encoded, as a form,
 * in JSON and in HTML. White space becomes one space. Quotation marks, backslashes and characters without a shape are
 * dropped: controls, and those that change the direction of writing. What is longer than 500 characters is cut.
 *
 * @param credentials what was sent and must not be shown
 * @param most characters of all texts together that are looked at; what comes after them is not shown
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 RFC 6749, section 5.2}
 */
export function redactor(credentials: readonly string[], most = Infinity): Redact {
  const forms = formsOf(credentials);
  const longest = Math.max(0, ...credentials.map(({ length }) => length));
  let left = most;
  return (text = '') => {
    const looked = text.slice(0, left);
    left -= looked.length;
    const clean = redacted(looked, forms);
    // The beginning of a credential may stand at the end.
    const whole = looked.length === text.length ? clean : clean.slice(0, -longest * LONGEST_ESCAPE || undefined);
    const shown = whole.replaceAll(MARK, '[redacted]').trim();
    return shown.length > LONGEST ? `${shown.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, '')}...` : shown;
  };
}

function redacted(text: string, forms: readonly string[]): string {
  let hidden = hide(text, forms);
  for (const decoding of DECODINGS) {
    const decoded = decoding.reduce((rest, decode) => decode(rest), hidden);
    const found = hide(decoded, forms);
    // Other text stays as the server wrote it.
    if (found !== decoded) hidden = found;
  }
  const clean = hidden
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/["\\]|(?!\uffff)[\p{C}\p{Default_Ignorable_Code_Point}]/gu, '');
  // What was dropped may have stood between two halves of a credential.
  return hide(clean, forms);
}

/** A form writes a space as `+`. The longest comes first, because one credential may hold another. */
function formsOf(credentials: readonly string[]): readonly string[] {
  const forms = credentials.filter(Boolean).flatMap((credential) => {
    const base64 = Buffer.from(credential).toString('base64');
    const base64url = Buffer.from(credential).toString('base64url');
    return [credential, credential.replaceAll(' ', '+'), base64, base64.replace(/=+$/, ''), base64url];
  });
  return [...new Set(forms)].toSorted((a, b) => b.length - a.length);
}

function hide(text: string, forms: readonly string[]): string {
  return forms.reduce((rest, form) => rest.replaceAll(form, MARK), text);
}

/** Of client authentication, and of an exchange (RFC 8693, section 2.1; RFC 7523, section 2.1). */
const SECRET_PARAMETERS = ['client_secret', 'client_assertion', 'subject_token', 'actor_token', 'assertion'];

/**
 * The parts of a token request that prove who sends it, and the tokens that it presents.
 *
 * @param credential the client's secret or client assertion
 */
export function credentialsOf(
  credential: string,
  headers: Readonly<Record<string, string>>,
  body: URLSearchParams,
): readonly string[] {
  const basic = headers['authorization']?.replace(/^Basic /, '') ?? '';
  return [credential, basic, ...SECRET_PARAMETERS.map((name) => body.get(name) ?? '')];
}
