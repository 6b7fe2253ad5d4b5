import { BlockList } from 'node:net';
import { isIn, isLoopback } from './loopback.js';

const privateAddresses = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateAddresses.addSubnet(network, prefix, 'ipv4');
}
privateAddresses.addSubnet('fc00::', 7, 'ipv6');

/** A name of one label, as in a compose file, or below a domain that the public DNS does not have. */
const PRIVATE_NAME = /^[^.:[\]]+$|[^.]\.(?:svc|cluster\.local|internal|local|localhost)$/;

/**
 * Whether a URL's host belongs to a private network: a name of one label (`keycloak`), one below `.svc`,
 * `.cluster.local`, `.internal`, `.local` or `.localhost`, a private address, or this machine.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc1918#section-3 RFC 1918, section 3} and {@link https://www.rfc-editor.org/rfc/rfc4193 RFC 4193}
 */
export function isPrivateHost(url: URL): boolean {
  return isLoopback(url) || isIn(privateAddresses, url.hostname) || PRIVATE_NAME.test(url.hostname);
}

/** Whether a URL is plain HTTP to a private network. An option may allow that: `insecureOrigins`. */
export function isPrivatePlainHttp(url: URL): boolean {
  return url.protocol === 'http:' && isPrivateHost(url);
}
