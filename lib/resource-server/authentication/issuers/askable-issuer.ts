const LONGEST = 512;

/**
 * Whether a function may be asked for an issuer that a token names: an absolute `https:` URL of printable ASCII in normal
 * form, without user information, query and fragment. A database that is asked for anything else may find the wrong row.
 */
export function isAskable(issuer: unknown): issuer is string {
  if (typeof issuer !== 'string' || issuer.length > LONGEST || !/^https:\/\/[!-~]+$/.test(issuer)) return false;
  if (/[?#]/.test(issuer) || !URL.canParse(issuer)) return false;
  const { href, origin, username, password } = new URL(issuer);
  // Many servers write an issuer without a path without its slash.
  return (href === issuer || origin === issuer) && username === '' && password === '';
}
