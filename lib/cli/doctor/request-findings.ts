import { isTemporary } from '../../http/temporary-status.js';
import { printableUrl } from '../../http/printable-url.js';
import type { Environment } from '../../options/environment-variables.js';
import { durationText } from '../../time/duration-text.js';
import type { Finding } from '../checks/check.js';
import { networkFinding, proxyFinding } from './network-findings.js';
import { proxyVariableFor } from './proxy.js';

/** A request that failed. */
export interface FailedRequest {
  /** The message of this package, without texts of the server. */
  readonly message: string;
  readonly url: string;
  readonly environment: Environment;
  /** Seconds that the server wants no requests; `undefined` if it did not say. */
  readonly retryAfter?: number | undefined;
}

/** Why a request failed that may be right; `undefined` if what is at the URL is not what it should be. */
export function requestFinding(request: FailedRequest): Finding | undefined {
  const { message, environment } = request;
  const url = new URL(request.url);
  const variable = proxyVariableFor(url, environment);
  const code = codeIn(message);
  if (code !== undefined && variable !== undefined) return proxyFinding(code, variable, url.hostname);
  if (code !== undefined) {
    const { problem, remedy } = networkFinding(code);
    return { problem: isLate(message) ? message : `${printableUrl(request.url)}: ${problem}`, remedy };
  }
  const remedy = remedyOf(statusesIn(message), variable, request);
  return remedy === undefined ? undefined : { problem: message, remedy };
}

function remedyOf(
  statuses: readonly number[],
  variable: string | undefined,
  { url, retryAfter }: FailedRequest,
): string | undefined {
  const { origin, hostname } = new URL(url);
  if (statuses.includes(407)) {
    const name = variable ?? 'HTTPS_PROXY';
    return `${name}=http://user:password@proxy.example.com:3128 # if the proxy wants a password\nor NO_PROXY=${hostname} # if none is needed`;
  }
  if (statuses.some(isTemporary)) {
    return `npx nestjs-m2m doctor # ${laterIn(retryAfter)}`;
  }
  if (!statuses.some((status) => status === 401 || status === 403)) return undefined;
  const open = `a rule of the ${variable === undefined ? 'gateway' : 'proxy or the gateway'} that lets this host read ${origin}`;
  return `${open}\nor authorizationServer: { ...server, requestHeaders } # if a gateway wants a key`;
}

/** When to come again. @param seconds `undefined` if the server did not say */
export function laterIn(seconds: number | undefined): string {
  return seconds === undefined ? 'later' : `in ${durationText(seconds * 1000)}`;
}

/** The code of Node.js that a message of this package repeats, that of a timeout for one; `undefined` if there is none. */
function codeIn(message: string): string | undefined {
  if (isLate(message)) return 'ETIMEDOUT';
  return /\bfailed: ([A-Z][A-Z0-9_]+)/.exec(message)?.[1];
}

function isLate(message: string): boolean {
  return /\bdid not finish in \d+ ms/.test(message);
}

function statusesIn(message: string): readonly number[] {
  return [...message.matchAll(/\banswered (\d{3})\b/g)].map(([, status]) => Number(status));
}
