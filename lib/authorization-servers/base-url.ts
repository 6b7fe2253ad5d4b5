/** A URL to which paths are appended: normalized, without a slash at its end. */
export function baseUrl(value: string): string {
  const { origin, pathname } = new URL(value);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}
