import { M2MConfigurationError, type ConfigurationProblem } from '../errors/configuration.error.js';
import { bareUrl } from '../http/bare-url.js';
import { isConfidential } from '../http/loopback.js';

/** What is wrong with an argument, and the value to write instead if it can be told. */
interface Flaw {
  readonly problem: string;
  readonly instead?: string | undefined;
  readonly kind?: ConfigurationProblem['kind'];
}

/** What an argument of a factory must be. */
export interface ArgumentRule {
  readonly example: string;
  readonly optional?: boolean;
  /** What is wrong with a text that is not empty. */
  readonly flaw: (value: string) => Flaw | undefined;
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
    return { name, value, rule, flaw: flawOf(value, rule) };
  });
  const written = checked
    .filter(({ value, flaw }) => flaw !== undefined || value !== undefined)
    .map(({ name, value, rule, flaw }) => `${name}: '${flaw ? correction(flaw, rule) : String(value)}'`);
  const remedy = `${factory}({ ${written.join(', ')} })`;
  const problems = checked.flatMap(({ name, flaw }) => (flaw ? [problemOf(`${factory}.${name}`, flaw, remedy)] : []));
  if (problems.length > 0) throw new M2MConfigurationError(problems);
}

function flawOf(value: unknown, rule: ArgumentRule): Flaw | undefined {
  if (value === undefined) return rule.optional === true ? undefined : { problem: 'is missing', kind: 'missing' };
  if (typeof value !== 'string')
    return { problem: value === null ? 'is null' : `is not a string but a ${typeof value}` };
  if (value.trim() === '') return { problem: 'is an empty string' };
  if (value !== value.trim()) return { problem: 'begins or ends with white space', instead: value.trim() };
  return rule.flaw(value);
}

/** Never a text that may hold credentials. */
function correction({ instead }: Flaw, { example }: ArgumentRule): string {
  return instead === undefined || instead.includes('@') ? example : instead;
}

function problemOf(option: string, { problem, kind }: Flaw, remedy: string): ConfigurationProblem {
  return { option, problem, remedy, ...(kind && { kind }) };
}

/** A host name as vendors show it: no scheme, no path. */
export function domain(example: string): ArgumentRule {
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

/** A URL by which something is reached and named: no credentials, query or fragment, and HTTPS unless on loopback. */
export function url(example: string, flaw?: (value: string) => Flaw | undefined): ArgumentRule {
  return { example, flaw: (value) => urlFlaw(value) ?? flaw?.(value) };
}

function urlFlaw(value: string): Flaw | undefined {
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
export function text(example: string, form: RegExp, otherwise: string): ArgumentRule {
  return { example, flaw: (value) => (form.test(value) ? undefined : { problem: otherwise }) };
}

/** A name that becomes a part of a path. */
export function pathSegment(example: string): ArgumentRule {
  return text(example, /^(?!\.{1,2}$)[^/?#%\\]+$/, 'is not a name that fits into a path');
}

/** A rule for an argument that may be left out. */
export function optional(rule: ArgumentRule): ArgumentRule {
  return { ...rule, optional: true };
}

/** A URL as other URLs are appended to it: normalized, without a slash at its end. */
export function baseUrl(value: string): string {
  const { origin, pathname } = new URL(value);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}
