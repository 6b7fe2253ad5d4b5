/** In what two issuers differ, if they look alike; `undefined` if they are the same, or have little in common. */
export function issuerDifference(configured: string, found: string): string | undefined {
  if (configured === found) return undefined;
  if (`${configured}/` === found) return 'the slash at its end, which is missing in the options';
  if (configured === `${found}/`) return 'the slash at its end, which only the options have';
  if (configured.toLowerCase() === found.toLowerCase()) return 'capital and small letters';
  if (!URL.canParse(configured) || !URL.canParse(found)) return undefined;
  const [own, other] = [new URL(configured), new URL(found)];
  if (own.host === other.host && own.protocol !== other.protocol) return `the scheme: ${other.protocol}`;
  if (own.hostname === other.hostname && own.port !== other.port) return `the port: ${other.port || 'none'}`;
  if (own.host === other.host) return `the path: ${other.pathname}`;
  return own.pathname === other.pathname && own.pathname.length > 1 ? `the host: ${other.host}` : undefined;
}
