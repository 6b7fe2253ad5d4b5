/** A URL as it was written, without what may be secret: user information, query and fragment. */
export function bareUrl(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//');
}
