/**
 * A URL for messages: without what may be secret (user information, query and fragment), and in ASCII, because the URL
 * parser encodes control characters and all that is beyond.
 */
export function printableUrl(text: string): string {
  if (!URL.canParse(text)) return 'a text that is no URL';
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}
