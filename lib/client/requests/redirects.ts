import type { AxiosRequestConfig } from 'axios';
import { findTarget, whyUntrusted } from './target-matching.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';

type BeforeRedirect = NonNullable<AxiosRequestConfig['beforeRedirect']>;

/**
 * Drops the token from a redirect that leaves its target, be it for another path of the same host.
 *
 * @param targets all that compete: a longer prefix below the target is another target
 * @param userHook runs first, so that the URL judged is the one that is requested
 */
export function dropTokenOutside(
  target: ResolvedTarget,
  targets: readonly ResolvedTarget[],
  userHook: BeforeRedirect | undefined,
): BeforeRedirect {
  return (options, response, request) => {
    userHook?.(options, response, request);
    const url = requestedUrl(options);
    if (url && findTarget(targets, url) === target && isTrusted(url, options)) return;
    const headers = options['headers'] as Record<string, unknown>;
    for (const name of namesOf('authorization', headers)) delete headers[name];
  };
}

/** Whether a request goes where its URL says: what leads one elsewhere is refused on the first request, too. */
function isTrusted(url: URL, { headers, socketPath }: Record<string, unknown>): boolean {
  const sent = headers as Record<string, unknown>;
  const isElsewhere = Boolean(socketPath) || namesOf('host', sent).some((name) => sent[name] !== url.host);
  return !isElsewhere && whyUntrusted(url, url.href) === undefined;
}

function namesOf(header: string, headers: Record<string, unknown>): string[] {
  return Object.keys(headers).filter((name) => name.toLowerCase() === header);
}

/** Where follow-redirects goes next: what it connects to, not the `href` beside it. */
function requestedUrl(options: Record<string, unknown>): URL | undefined {
  const { protocol, hostname, port, path } = options as Record<string, string>;
  const host = hostname?.includes(':') ? `[${hostname}]` : hostname;
  const written = `${protocol}//${host}${port ? `:${port}` : ''}${path}`;
  return URL.canParse(written) ? new URL(written) : undefined;
}
