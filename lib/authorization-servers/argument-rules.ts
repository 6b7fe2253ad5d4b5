import { bareUrl } from '../http/bare-url.js';
import { isConfidential } from '../http/loopback.js';
import type { ArgumentFlaw, ArgumentRule } from './factory-arguments.js';

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
export function urlRule(example: string, without?: { readonly end: RegExp; readonly problem: string }): ArgumentRule {
  const endFlaw = (value: string): ArgumentFlaw | undefined =>
    without?.end.test(value) ? { problem: without.problem, instead: value.replace(without.end, '') } : undefined;
  return { example, flaw: (value) => urlFlaw(value) ?? endFlaw(value) };
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
