const LONGEST = 500;

const htmlNames: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/**
 * Makes text of a server fit for messages: without the credentials that it may echo, however they are encoded, without
 * control characters, and of a bounded length.
 */
export function presentable(text: string, credentials: readonly string[]): string {
  // Longest first: what holds another is gone before the other would break it up.
  const distinct = [...new Set(credentials)].filter(Boolean).toSorted((a, b) => b.length - a.length);
  const redacted = distinct.reduce((left, credential) => left.replaceAll(formsOf(credential), '[redacted]'), text);
  const printable = redacted.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  return printable.length > LONGEST ? `${printable.slice(0, LONGEST)}...` : printable;
}

/** Finds a credential as it is, and as URLs, forms, JSON and HTML hold it. */
function formsOf(credential: string): RegExp {
  return new RegExp(Array.from(credential, formsOfCharacter).join(''), 'g');
}

function formsOfCharacter(character: string): string {
  const itself = literally(character);
  // Nothing encodes these, and assertions are long and of nothing else.
  if (/^[\w.-]$/.test(character)) return itself;
  const code = character.codePointAt(0) ?? 0;
  const units = character.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
  const forms = [
    inAnyCase(Buffer.from(character).toString('hex').replaceAll(/../g, '%$&')),
    ...(character === ' ' ? ['\\+'] : []),
    inAnyCase(units.map((unit) => `\\\\u${unit}`).join('')),
    literally(JSON.stringify(character).slice(1, -1)),
    `&#0*${code};`,
    `&#[xX]0*${inAnyCase(code.toString(16))};`,
    ...(htmlNames[character] ? [`&${htmlNames[character]};`] : []),
    // PHP escapes slashes in JSON.
    `\\\\?${itself}`,
  ];
  return `(?:${forms.join('|')})`;
}

function literally(text: string): string {
  return text.replaceAll(/[!-/:-@[-`{-~]/g, '\\$&');
}

function inAnyCase(digits: string): string {
  return digits.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

/** What of a token request proves who sends it: the parts of it that must never be shown. */
export function credentialsOf(headers: Readonly<Record<string, string>>, body: URLSearchParams): readonly string[] {
  const basic = headers['authorization']?.replace(/^Basic /, '') ?? '';
  const [, password = ''] = /:(.*)$/s.exec(Buffer.from(basic, 'base64').toString()) ?? [];
  return [basic, password, decoded(password), body.get('client_secret') ?? '', body.get('client_assertion') ?? ''];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
