import { isLoopback, mayBeLoopback } from '../http/loopback.js';
import { writtenUrls, type WrittenUrls } from './written-urls.js';

/**
 * The reason why a URL that metadata names must not be used; `undefined` if there is none.
 *
 * Who trusts an issuer does not trust it with this machine, nor with sending secrets in clear: a URL that metadata alone
 * names has no more rights than the issuer. An origin that the options name may be used.
 */
export function whyNotDiscoverable(url: URL, server: WrittenUrls): string | undefined {
  const issuer = new URL(server.issuer);
  const source = server.metadataUrl === undefined ? issuer : new URL(server.metadataUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'is no URL of HTTP';
  if (url.origin === source.origin) return undefined;
  if (mayBeLoopback(url)) {
    if (isLoopback(issuer) || writtenOrigins(server).includes(url.origin)) return undefined;
    return 'is on loopback, and the issuer is not';
  }
  return url.protocol === 'https:' ? undefined : 'is plain HTTP';
}

function writtenOrigins(server: WrittenUrls): readonly string[] {
  return writtenUrls(server).map((url) => new URL(url).origin);
}
