import { bareUrl } from '../http/bare-url.js';
import { isPrivateHost } from '../http/private-host.js';
import { isText } from '../validation/checks.js';
import { custom } from '../validation/fields.js';
import { describeValue, type Problems } from '../validation/problems.js';

/** `insecureOrigins`: plain HTTP origins that may be used although nothing encrypts them. */
export const INSECURE_ORIGINS = custom<readonly string[]>((problems, path, value) => {
  if (!Array.isArray(value)) {
    problems.add(path, `${describeValue(value)}, not a list of origins`, insecureOriginsLine([EXAMPLE]));
    return [];
  }
  return Object.freeze(value.filter((origin): origin is string => isInsecureOrigin(problems, path, origin)));
}, Object.freeze([]));

const EXAMPLE = 'http://keycloak:8080';

/** The line that allows origins. */
export function insecureOriginsLine(origins: readonly string[]): string {
  return `insecureOrigins: [${[...new Set(origins)].map((origin) => `'${origin}'`).join(', ')}]`;
}

/** An origin must mean one place only, on a network that has an owner. */
function isInsecureOrigin(problems: Problems, path: string, value: unknown): boolean {
  if (!isText(value) || !/^https?:\/\//i.test(value) || !URL.canParse(value)) {
    const problem = isText(value) ? 'holds a text that is no origin' : `holds a value that ${describeValue(value)}`;
    problems.add(path, problem, insecureOriginsLine([EXAMPLE]));
    return false;
  }
  const url = new URL(value);
  const shown = bareUrl(value);
  if (url.protocol === 'https:') {
    problems.add(path, `holds ${shown}, which is encrypted`, `${path} without ${shown}`);
  } else if (!isPrivateHost(url)) {
    const problem = `holds ${shown}, which is on no private network: no name of one label, none below .svc, .cluster.local, .internal, .local or .localhost, and no private address`;
    problems.add(path, problem, `${path} without ${shown}, and https: in the URLs that use it`);
  } else if (value !== url.origin) {
    problems.add(path, `holds ${shown}, which is not written as an origin`, insecureOriginsLine([url.origin]));
  } else return true;
  return false;
}
