/**
 * The JSON in an answer, `undefined` if it holds none. The content type is not looked at: servers get it wrong.
 *
 * Some servers send a byte order mark (RFC 8259, section 8.1), which the decoder removes.
 */
export function jsonBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
