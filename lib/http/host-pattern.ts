import { isText } from '../validation/checks.js';

const ANY_LABELS = '*.';

/** Whether a value is a host as URLs show it, without port, or `*.` and a domain: `idp.internal`, `10.0.0.7`, `*.idp.internal`. */
export function isHostPattern(value: unknown): value is string {
  if (!isText(value)) return false;
  const host = value.startsWith(ANY_LABELS) ? value.slice(ANY_LABELS.length) : value;
  return !host.includes('*') && URL.canParse(`https://${host}`) && new URL(`https://${host}`).hostname === host;
}

/** Whether a URL's host is one of the patterns, or a name below the domain of one. */
export function isAmongHosts({ hostname }: Pick<URL, 'hostname'>, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.startsWith(ANY_LABELS) ? hostname.endsWith(pattern.slice(1)) : hostname === pattern,
  );
}
