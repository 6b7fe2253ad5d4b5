import type { ConfigurationProblem } from '../errors/configuration.error.js';
import { bareUrl } from '../http/bare-url.js';
import { isConfidential } from '../http/loopback.js';

/** What is wrong with an argument. */
export interface ArgumentFlaw {
  /** What was found, never a value that may be secret. */
  readonly problem: string;
  /** The value to write, if the wrong one shows it. */
  readonly instead?: string | undefined;
  /** `missing` if the argument is needed and was not given. */
  readonly kind?: ConfigurationProblem['kind'];
}

/** What an argument of a factory must be. */
export interface ArgumentRule {
  /** A value to write if the wrong one shows none. */
  readonly example: string;
  /** Whether it may be left out. @default false */
  readonly optional?: boolean;
  /** Finds what is wrong with a text that is not empty. */
  readonly flaw: (value: string) => ArgumentFlaw | undefined;
}

/** A host name as vendors show it: no scheme, no path. */
export function domainRule(example: string): ArgumentRule {
  return {
    example,
    flaw: (value) => {
      const host = hostOf(value);
      if (host === value.toLowerCase()) return undefined;
      return { problem: 'is not a bare host name, without scheme and path', instead: host };
    },
  };
}

function hostOf(value: string): string | undefined {
  const candidate = value.includes('://') ? value : `https://${value}`;
  return URL.canParse(candidate) ? new URL(candidate).host || undefined : undefined;
}

/** A URL without credentials, query and fragment. It is HTTPS unless it is on loopback. */
export function urlRule(example: string, flaw?: (value: string) => ArgumentFlaw | undefined): ArgumentRule {
  return { example, flaw: (value) => urlFlaw(value) ?? flaw?.(value) };
}

function urlFlaw(value: string): ArgumentFlaw | undefined {
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) {
    const completed = hostOf(value) && !value.includes('//') ? `https://${value}` : undefined;
    return { problem: 'is not an HTTPS URL', instead: completed };
  }
  const parsed = new URL(value);
  const bare = bareUrl(value);
  if (!isConfidential(parsed)) {
    return { problem: 'is plain HTTP, which may not leave this machine', instead: bare.replace(/^http:/i, 'https:') };
  }
  if (parsed.username || parsed.password) return { problem: 'holds a user name or a password', instead: bare };
  const [base, wellKnown] = bare.split('/.well-known/');
  if (wellKnown !== undefined) return { problem: 'is the address of metadata, not the issuer', instead: base };
  if (/[?#]/.test(value)) return { problem: 'holds a query or a fragment', instead: bare };
  return undefined;
}

/** A text of a given form. */
export function textRule(example: string, form: RegExp, otherwise: string): ArgumentRule {
  return { example, flaw: (value) => (form.test(value) ? undefined : { problem: otherwise }) };
}

/** A name that becomes a part of a path. */
export function pathSegmentRule(example: string): ArgumentRule {
  return textRule(example, /^(?!\.{1,2}$)[^/?#%\\]+$/, 'is not a name that fits into a path');
}

/** A rule for an argument that may be left out. */
export function optionalRule(rule: ArgumentRule): ArgumentRule {
  return { ...rule, optional: true };
}
