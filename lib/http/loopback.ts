import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Addresses that stand for no machine: a connection to them leads to this one. */
const unspecified = new BlockList();
unspecified.addAddress('0.0.0.0', 'ipv4');
unspecified.addAddress('::', 'ipv6');

/** Whether a URL's host is this machine: 127.0.0.0/8, `[::1]` or `localhost`. `http:` may always reach it. */
export function isLoopback({ hostname }: URL): boolean {
  if (hostname === 'localhost') return true;
  return isIn(loopback, hostname);
}

/** A URL's host as Node's functions for addresses take it. */
export function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Whether a URL's host is an address of a list; a name is none. */
export function isIn(list: BlockList, hostname: string): boolean {
  const address = withoutBrackets(hostname);
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Whether a URL's host may lead to this machine, by a name or an address that {@link isLoopback} does not vouch for. */
export function mayBeLoopback(url: URL): boolean {
  return isLoopback(url) || isIn(unspecified, url.hostname) || /^(?:.*\.)?localhost\.?$/.test(url.hostname);
}

/** Whether a secret or a token may travel to this URL: HTTPS anywhere, plain HTTP on loopback only. Options may name more: `insecureOrigins`. */
export function isConfidential(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}
