const LONGEST = 500;

/**
 * Makes text of a server fit for messages: without the credentials that it may echo, in any of the encodings they were
 * sent in, without control characters, and of a bounded length.
 */
export function presentable(text: string, credentials: readonly string[]): string {
  const forms = credentials.flatMap((credential) => [
    credential,
    encodeURIComponent(credential),
    new URLSearchParams([['', credential]]).toString().slice(1),
    JSON.stringify(credential).slice(1, -1),
  ]);
  // Longest first: what holds another is gone before the other would break it up.
  const distinct = [...new Set(forms)].filter((form) => form !== '').toSorted((a, b) => b.length - a.length);
  const redacted = distinct.reduce((left, form) => left.replaceAll(form, '[redacted]'), text);
  const printable = redacted.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  return printable.length > LONGEST ? `${printable.slice(0, LONGEST)}...` : printable;
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
