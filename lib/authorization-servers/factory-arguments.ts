import { M2MConfigurationError, type ConfigurationProblem } from '../errors/configuration.error.js';
import { bareUrl } from '../http/bare-url.js';
import { isConfidential } from '../http/loopback.js';
import { isPrivatePlainHttp } from '../http/private-host.js';

/** What is wrong with an argument. */
interface ArgumentFlaw {
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

/**
 * Checks the arguments of a factory such as `auth0({ domain })`.
 *
 * @throws M2MConfigurationError that lists all that is wrong, with the call to write instead
 */
export function checkArguments<T extends object>(
  factory: string,
  given: T,
  rules: { readonly [Name in keyof T]-?: ArgumentRule },
): void {
  const checked = Object.entries<ArgumentRule>(rules).map(([name, rule]) => {
    const value = (given as Record<string, unknown>)[name];
    const flaw = flawOf(value, rule);
    // Never a text that may hold credentials.
    const correction = flaw?.instead?.includes('@') === false ? flaw.instead : rule.example;
    return { name, flaw, written: flaw ? correction : value };
  });
  const written = checked.filter((each) => each.written !== undefined);
  const remedy = `${factory}({ ${written.map((each) => `${each.name}: '${String(each.written)}'`).join(', ')} })`;
  const problems = checked.flatMap(({ name, flaw }): ConfigurationProblem[] => {
    if (!flaw) return [];
    const { problem, kind } = flaw;
    return [{ option: `${factory}.${name}`, problem, remedy, ...(kind && { kind }) }];
  });
  if (problems.length > 0) throw new M2MConfigurationError(problems);
}

function flawOf(value: unknown, rule: ArgumentRule): ArgumentFlaw | undefined {
  if (value === undefined) return rule.optional === true ? undefined : { problem: 'is missing', kind: 'missing' };
  if (value === null) return { problem: 'is null' };
  if (typeof value !== 'string') return { problem: `is not a string but a ${typeof value}` };
  if (value.trim() === '') return { problem: 'is an empty string' };
  if (value !== value.trim()) return { problem: 'begins or ends with white space', instead: value.trim() };
  return rule.flaw(value);
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

/** A URL without credentials, query and fragment. It is HTTPS unless it is on loopback or a private network. */
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
  // On a private network an option may allow it.
  if (!isConfidential(parsed) && !isPrivatePlainHttp(parsed)) {
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

/** A URL to which paths are appended: normalized, without a slash at its end. */
export function baseUrl(value: string): string {
  const { origin, pathname } = new URL(value);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}
