/** The text of an answer, without the byte order mark that some servers send (RFC 8259, section 8.1). */
export function bodyText(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}
