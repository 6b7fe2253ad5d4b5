import type { AxiosRequestConfig } from 'axios';
import type { Destination } from './destination.js';
import { findTarget } from './target-matching.js';
import { whyUntrusted } from './untrusted-url.js';

type BeforeRedirect = NonNullable<AxiosRequestConfig['beforeRedirect']>;

/**
 * Drops the token from a redirect that leaves its target, even to another path of the same host.
 *
 * @param tokenHeaders those that present the token
 * @param userHook runs first, so that the URL checked is the one that is requested
 */
export function dropTokenOutside(
  { target, targets }: Pick<Destination, 'target' | 'targets'>,
  tokenHeaders: Readonly<Record<string, string>>,
  userHook: BeforeRedirect | undefined,
): BeforeRedirect {
  return (options, response, request) => {
    userHook?.(options, response, request);
    const url = requestedUrl(options);
    if (url && findTarget(targets, url) === target && isTrusted(url, options)) return;
    const headers = options['headers'] as Record<string, unknown>;
    for (const name of Object.keys(tokenHeaders).flatMap((header) => namesOf(header, headers))) delete headers[name];
  };
}

/** Whether a redirected request goes where its URL says. The rules are those of the first request. */
function isTrusted(url: URL, { headers, socketPath }: Record<string, unknown>): boolean {
  const sent = headers as Record<string, unknown>;
  const isElsewhere = Boolean(socketPath) || namesOf('host', sent).some((name) => sent[name] !== url.host);
  return !isElsewhere && whyUntrusted(url, url.href) === undefined;
}

/** The names under which a header is set, in any case. */
function namesOf(header: string, headers: Record<string, unknown>): string[] {
  const wanted = header.toLowerCase();
  return Object.keys(headers).filter((name) => name.toLowerCase() === wanted);
}

/** Where follow-redirects goes next: the fields that it connects with, not the `href` beside them. */
function requestedUrl(options: Record<string, unknown>): URL | undefined {
  const { protocol, hostname, port, path } = options as Record<string, string>;
  const host = hostname?.includes(':') ? `[${hostname}]` : hostname;
  const written = `${protocol}//${host}${port ? `:${port}` : ''}${path}`;
  return URL.canParse(written) ? new URL(written) : undefined;
}
