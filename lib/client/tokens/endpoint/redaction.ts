const LONGEST = 500;
/** Of a longer text the rest is not shown, however much is taken out before. */
const LONGEST_READ = 10 * LONGEST;

const htmlNames: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/**
 * Makes text of a server fit for messages: without the credentials that it may echo, however they are encoded, without
 * control characters, and of a bounded length.
 */
export function redact(text: string, credentials: readonly string[]): string {
  const printable = redacted(text, credentials)
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
  const isCut = printable.length > LONGEST || text.length > LONGEST_READ;
  return isCut ? `${printable.slice(0, LONGEST)}...` : printable;
}

function redacted(text: string, credentials: readonly string[]): string {
  const ends = new Map<number, number>();
  for (const credential of new Set(credentials)) {
    if (credential) find(credential, text, (start, end) => ends.set(start, Math.max(end, ends.get(start) ?? 0)));
  }
  let shown = '';
  let hiddenUntil = 0;
  for (let at = 0; at < Math.min(text.length, LONGEST_READ); at++) {
    const end = ends.get(at) ?? 0;
    if (end > hiddenUntil) {
      if (at >= hiddenUntil) shown += '[redacted]';
      hiddenUntil = end;
    }
    if (at >= hiddenUntil) shown += text[at];
  }
  return shown;
}

/**
 * Finds a credential as it is, and as URLs, forms, JSON and HTML hold it: wherever it begins in what is read, even if
 * it ends beyond.
 *
 * One regular expression would do, but is a trap: characters like `\` can be read in two ways, and it would try all
 * combinations. Here all ways go on side by side, and those that meet are one from there on.
 */
function find(credential: string, text: string, found: (start: number, end: number) => void): void {
  const pieces = piecesOf(credential);
  /** By position: how many pieces may have passed there, and where the first of them began at the earliest. */
  const reached = new Map<number, Map<number, number>>();
  const length = Math.min(text.length, LONGEST_READ);
  for (let at = 0; at < length || reached.size > 0; at++) {
    const here = reached.get(at) ?? new Map<number, number>();
    reached.delete(at);
    if (at < length) here.set(0, at);
    for (const [passed, start] of here) {
      const piece = pieces[passed];
      if (!piece) found(start, at);
      for (const end of piece ? endsOf(piece, text, at) : []) {
        const there = reached.get(end) ?? new Map<number, number>();
        reached.set(end, there.set(passed + 1, Math.min(start, there.get(passed + 1) ?? start)));
      }
    }
  }
}

/** A part of a credential that is encoded in one go. */
interface Piece {
  readonly itself: string;
  /** `undefined` where nothing encodes it. */
  readonly encoded: RegExp | undefined;
}

function piecesOf(credential: string): readonly Piece[] {
  return (credential.match(/[\w.-]+|[^]/gu) ?? []).map((itself) => {
    // Nothing encodes these, and assertions are long and of nothing else.
    return { itself, encoded: /^[\w.-]/.test(itself) ? undefined : encodedForms(itself) };
  });
}

function endsOf({ itself, encoded }: Piece, text: string, at: number): readonly number[] {
  const ends = text.startsWith(itself, at) ? [at + itself.length] : [];
  if (!encoded) return ends;
  encoded.lastIndex = at;
  return encoded.test(text) ? [...ends, encoded.lastIndex] : ends;
}

/** The forms of a character other than itself. No two of them begin at the same place: the first one that fits is it. */
function encodedForms(character: string): RegExp {
  const code = character.codePointAt(0) ?? 0;
  const units = character.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
  const inJson = JSON.stringify(character).slice(1, -1);
  const forms = [
    inAnyCase(Buffer.from(character).toString('hex').replaceAll(/../g, '%$&')),
    ...(character === ' ' ? ['\\+'] : []),
    inAnyCase(units.map((unit) => `\\\\u${unit}`).join('')),
    ...(inJson === character ? [] : [literally(inJson)]),
    `&#0*${code};`,
    `&#[xX]0*${inAnyCase(code.toString(16))};`,
    ...(htmlNames[character] ? [`&${htmlNames[character]};`] : []),
    // PHP escapes slashes in JSON.
    `\\\\${literally(character)}`,
  ];
  return new RegExp(forms.join('|'), 'y');
}

function literally(text: string): string {
  return text.replaceAll(/[!-/:-@[-`{-~]/g, '\\$&');
}

function inAnyCase(digits: string): string {
  return digits.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

/**
 * What of a token request proves who sends it: the parts of it that must never be shown.
 *
 * @param credentials the client's secret, or an assertion that somebody else made
 */
export function credentialsOf(
  credentials: string,
  headers: Readonly<Record<string, string>>,
  body: URLSearchParams,
): readonly string[] {
  return [credentials, headers['authorization']?.replace(/^Basic /, '') ?? '', body.get('client_assertion') ?? ''];
}
