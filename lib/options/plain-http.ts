import { WRITTEN_URLS } from '../authorization-servers/written-urls.js';
import { bareUrl } from '../http/bare-url.js';
import { isConfidential } from '../http/loopback.js';
import { isPrivateHost } from '../http/private-host.js';
import type { Problems } from '../validation/problems.js';
import type { ResolvedAuthorizationServer } from './authorization-server-fields.js';
import { clientPath } from './client-name.js';
import type { ResolvedOptions } from './resolved-options.js';

/** A URL of the options, and what somebody can do who reads and changes what is sent there. */
interface WrittenUrl {
  readonly option: string;
  /** As it was written. */
  readonly text: string;
  readonly url: URL;
  readonly dangers: readonly string[];
}

type WithUrls = Pick<ResolvedOptions, 'client' | 'resourceServer' | 'insecureOrigins'>;

/** Adds a problem for each plain HTTP URL that no option allows; for several of one origin at one server, for the first. */
export function checkPlainHttp(problems: Problems, options: WithUrls): void {
  const { insecureOrigins } = options;
  const refused = plainHttpUrls(options).filter(({ url }) => !insecureOrigins.includes(url.origin));
  const places = refused.map(({ option, url }) => `${sectionOf(option)} ${url.origin}`);
  const allowable = refused.filter(({ url }) => isPrivateHost(url));
  const used = usedOrigins(options);
  const kept = insecureOrigins.filter((origin) => used.has(origin));
  const allowed = [...new Set([...kept, ...allowable.map(({ url }) => url.origin)])];
  const line = { option: 'insecureOrigins', value: allowed, note: 'if nobody else is on that network' };
  for (const [index, { option, text, url }] of refused.entries()) {
    if (places.slice(0, index).includes(places[index] ?? '')) continue;
    const bare = bareUrl(text);
    const encrypted = { option, value: bare.replace(/^http:/i, 'https:') };
    const remedy = isPrivateHost(url) ? [encrypted, line] : [encrypted];
    problems.add(option, `is ${bare}: anything but HTTPS is refused, except on loopback`, remedy);
  }
}

function sectionOf(option: string): string {
  return option.slice(0, option.lastIndexOf('.'));
}

/** Adds a problem for each insecure origin that no URL has: it was left over, or a URL means another place. */
export function checkInsecureOriginsAreUsed(problems: Problems, options: WithUrls): void {
  const used = usedOrigins(options);
  const kept = options.insecureOrigins.filter((each) => used.has(each));
  for (const origin of options.insecureOrigins.filter((each) => !used.has(each))) {
    const problem = `holds ${origin}, but no URL in the options has this origin`;
    problems.add('insecureOrigins', problem, [{ option: 'insecureOrigins', value: kept }]);
  }
}

/** A line for the log about each insecure origin in use. */
export function plainHttpWarnings(options: WithUrls): readonly string[] {
  const urls = plainHttpUrls(options);
  const origins = [...new Set(urls.map(({ url }) => url.origin))];
  return origins.map((origin) => {
    const dangers = urls.filter(({ url }) => url.origin === origin).flatMap((each) => each.dangers);
    const can = [...new Set(dangers)].map((danger) => `can ${danger}`).join(' and ');
    return `${origin} is not encrypted (insecureOrigins): everybody on this network ${can}`;
  });
}

function usedOrigins(options: WithUrls): ReadonlySet<string> {
  return new Set(allUrls(options).map(({ url }) => url.origin));
}

function plainHttpUrls(options: WithUrls): readonly WrittenUrl[] {
  return allUrls(options).filter(({ url }) => !isConfidential(url));
}

/** Every URL that a user wrote, or a factory made of what a user wrote, and to which something is sent. */
function allUrls({ client, resourceServer }: WithUrls): readonly WrittenUrl[] {
  const outbound = ['forge callers', 'read credentials', 'read tokens'];
  const clients = client ? [client, ...client.clients.values()] : [];
  const metadata = resourceServer?.resourceMetadata;
  return [
    ...clients.flatMap(({ name, authorizationServer }) => urlsOf(clientPath(name), authorizationServer, outbound)),
    ...(client?.targets ?? []).map(({ name, origin, path }) =>
      writtenUrl(`client.targets.${name}.url`, origin + path, ['read tokens']),
    ),
    ...(resourceServer?.issuers ?? []).flatMap(({ path, authorizationServer, introspection }) =>
      urlsOf(path, authorizationServer, introspection ? outbound : ['forge callers']),
    ),
    ...(metadata ? [writtenUrl('resourceServer.resourceMetadata.resource', metadata.resource, ['read tokens'])] : []),
  ];
}

/** @param server `undefined` if something else is wrong with it */
function urlsOf(
  path: string,
  server: ResolvedAuthorizationServer | undefined,
  dangers: readonly string[],
): readonly WrittenUrl[] {
  return WRITTEN_URLS.flatMap((name) => {
    const url = server?.[name];
    return url === undefined ? [] : [writtenUrl(`${path}.authorizationServer.${name}`, url, dangers)];
  });
}

function writtenUrl(option: string, text: string, dangers: readonly string[]): WrittenUrl {
  return { option, text, url: new URL(text), dangers };
}
