import { bareUrl } from '../http/bare-url.js';
import { isPrivateHost } from '../http/private-host.js';
import { isText } from '../validation/checks.js';
import { custom } from '../validation/fields.js';
import { describeValue } from '../validation/problems.js';

const EXAMPLE = 'http://keycloak:8080';

/** `insecureOrigins`: plain HTTP origins that may be used although nothing encrypts them. */
export const INSECURE_ORIGINS = custom<readonly string[]>((problems, option, value) => {
  if (!Array.isArray(value)) {
    problems.add(option, `${describeValue(value)}, not a list of origins`, [{ option, value: [EXAMPLE] }]);
    return [];
  }
  const flaws = value.map(flawOf);
  const corrected = value.flatMap((origin: string, index) => (flaws[index] ? (flaws[index].instead ?? []) : origin));
  for (const { problem, note } of flaws.filter((each) => each !== undefined)) {
    problems.add(option, problem, [{ option, value: [...new Set(corrected)], note }]);
  }
  return Object.freeze(value.filter((_, index) => !flaws[index]) as string[]);
}, Object.freeze([]));

/** What is wrong with one of the origins. */
interface Flaw {
  readonly problem: string;
  /** What to write in its place. @default nothing */
  readonly instead?: readonly string[];
  readonly note?: string;
}

/** An origin must mean one place only, on a network that has an owner. */
function flawOf(value: unknown): Flaw | undefined {
  if (!isText(value) || !/^https?:\/\//i.test(value) || !URL.canParse(value)) {
    const problem = isText(value) ? 'holds a text that is no origin' : `holds a value that ${describeValue(value)}`;
    return { problem, instead: [EXAMPLE] };
  }
  const url = new URL(value);
  const shown = bareUrl(value);
  if (url.protocol === 'https:') return { problem: `holds ${shown}, which is encrypted` };
  if (!isPrivateHost(url)) {
    const problem = `holds ${shown}, which is on no private network: no name of one label, none below .svc, .cluster.local, .internal, .local or .localhost, and no private address`;
    return { problem, note: 'and https: in the URLs that use it' };
  }
  if (value === url.origin) return undefined;
  return { problem: `holds ${shown}, which is not written as an origin`, instead: [url.origin] };
}
