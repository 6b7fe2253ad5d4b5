import { BlockList, isIP } from 'node:net';

/** Networks of IPv4 that are not on the internet, or not for one machine (RFC 6890). */
const SPECIAL = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  // The platform of Azure, at an address that looks public.
  '168.63.129.16/32',
];
/** Networks of IPv6 within 2000::/3 that lead to addresses of IPv4, or to none. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
/** By which machines without IPv4 reach it (RFC 6052): the address of IPv4 is at its end. */
const NAT64 = '64:ff9b::';

const special = new BlockList();
for (const [network, prefix] of SPECIAL.map(parsed)) {
  special.addSubnet(network, prefix, 'ipv4');
  special.addSubnet(`${NAT64}${network}`, 96 + prefix, 'ipv6');
}
for (const [network, prefix] of SPECIAL_IPV6.map(parsed)) special.addSubnet(network, prefix, 'ipv6');

const global = new BlockList();
global.addSubnet('2000::', 3, 'ipv6');
global.addSubnet(NAT64, 96, 'ipv6');

/**
 * Whether an address is one of the internet: neither this machine's, nor private, link-local, reserved or for many
 * machines. What is not known to be public is not.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6890 RFC 6890}
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !special.check(address, 'ipv4');
  return family === 6 && global.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

function parsed(network: string): [address: string, prefix: number] {
  const [address = '', prefix] = network.split('/');
  return [address, Number(prefix)];
}
