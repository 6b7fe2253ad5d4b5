import { bareUrl } from '../http/bare-url.js';
import { isLoopback } from '../http/loopback.js';
import { isText } from '../validation/checks.js';
import { custom, required, section, type FieldsOf } from '../validation/fields.js';
import { anything, oneOf, wholeNumber } from '../validation/field-types.js';
import { describeValue, type Problems } from '../validation/problems.js';
import type { M2MRejectedWhen, M2MTarget, M2MTargetHttpOptions } from './client-options.js';
import { HTTP_FIELDS } from './http-fields.js';
import { TARGET_AUDIENCE, TOKEN_CHOICE } from './token-choice.js';
import { TOKEN_EXCHANGE } from './token-exchange.js';
import { TOKEN_FIELDS } from './token-fields.js';

const EXAMPLE_URL = 'https://shop.example.com/api';

/** How to write a target's URL. */
export const URL_EXAMPLE = `url: '${EXAMPLE_URL}'`;

/** `client.targets.<name>` */
export const TARGET_FIELDS = {
  ...TOKEN_FIELDS,
  audience: TARGET_AUDIENCE,
  token: TOKEN_CHOICE,
  exchange: TOKEN_EXCHANGE,
  url: required(custom(readUrl)),
  client: anything<M2MTarget['client']>(),
  usableBy: oneOf(['its-client', 'any-client'], 'its-client'),
  rejectedWhen: custom(readRejectedWhen, 'auto'),
  encodedSlashes: oneOf(['refuse', 'allow'], 'refuse'),
  http: section({
    ...HTTP_FIELDS,
    timeout: wholeNumber({ default: 30_000 }),
  } as const satisfies FieldsOf<M2MTargetHttpOptions>),
} as const satisfies FieldsOf<M2MTarget>;

const RULES = oneOf(['auto', 'invalid_token', '401', 'never'], 'auto');

/** One of the rules, or a function. */
function readRejectedWhen(problems: Problems, path: string, value: unknown): NonNullable<M2MTarget['rejectedWhen']> {
  return typeof value === 'function' ? (value as M2MRejectedWhen) : RULES.read(problems, path, value);
}

/** A prefix must mean one place only, however a request's URL is written. */
function readUrl(problems: Problems, path: string, value: unknown): URL | undefined {
  if (!isText(value)) {
    problems.add(path, describeValue(value), [{ option: path, value: EXAMPLE_URL }]);
    return undefined;
  }
  if (!URL.canParse(value)) {
    problems.add(path, 'is no absolute URL', [{ option: path, value: meantBy(value) }]);
    return undefined;
  }
  const url = new URL(value);
  const faults = [
    // Whether plain HTTP is allowed is another option.
    [!/^https?:$/.test(url.protocol), `has the scheme ${url.protocol} tokens go over HTTPS only, except on loopback`],
    [url.username !== '' || url.password !== '', 'holds user information'],
    [url.search !== '' || url.hash !== '', 'holds a query or a fragment'],
    [value.includes('*'), 'has a wildcard, which is not matched; a target is one origin and one path prefix'],
    [/%2f|%5c|%2e|\\|;/i.test(url.pathname), 'has a path with an encoded separator, an encoded dot or a semicolon'],
  ] as const;
  const fault = faults.find(([isPresent]) => isPresent);
  if (!fault) return url;
  problems.add(path, fault[1], [{ option: path, value: meantBy(value) }]);
  return undefined;
}

/** What a URL means that lacks its scheme, has the wrong one, or has more than a target may. */
function meantBy(value: string): string {
  const [, written = ''] = /^(?:https?:\/\/)?(.*)$/is.exec(bareUrl(value)) ?? [];
  // One host in place of all, and the path before the first wildcard.
  const rest = written.replace(/^\*+/, 'eu').replace(/\/[^/]*\*.*$/s, '');
  if (rest.includes('*') || !URL.canParse(`http://${rest}`)) return EXAMPLE_URL;
  return `${isLoopback(new URL(`http://${rest}`)) ? 'http' : 'https'}://${rest}`;
}
