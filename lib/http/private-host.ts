import { BlockList, isIP } from 'node:net';

const privateAddresses = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['127.0.0.0', 8],
] as const) {
  privateAddresses.addSubnet(network, prefix, 'ipv4');
}
privateAddresses.addSubnet('fc00::', 7, 'ipv6');
privateAddresses.addAddress('::1', 'ipv6');

/** A name of one label, as in a compose file, or below a domain that the public DNS does not have. */
const PRIVATE_NAME = /^[^.:[\]]+$|[^.]\.(?:svc|cluster\.local|internal|local|localhost)$/;

/**
 * Whether a URL's host belongs to a private network: a name of one label (`keycloak`), one below `.svc`,
 * `.cluster.local`, `.internal`, `.local` or `.localhost`, or a private address.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc1918#section-3 RFC 1918, section 3} and {@link https://www.rfc-editor.org/rfc/rfc4193 RFC 4193}
 */
export function isPrivateHost({ hostname }: URL): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(address);
  if (family !== 0) return privateAddresses.check(address, family === 4 ? 'ipv4' : 'ipv6');
  return PRIVATE_NAME.test(hostname);
}

/** Whether a URL is plain HTTP to a private network. An option may allow that: `insecureOrigins`. */
export function isPrivatePlainHttp(url: URL): boolean {
  return url.protocol === 'http:' && isPrivateHost(url);
}
