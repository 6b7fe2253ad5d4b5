/** Whether a status says that the same request may be answered later (RFC 9110, section 15.6; RFC 6585, section 4). */
export function isTemporary(status: number): boolean {
  return status === 429 || status >= 500;
}
