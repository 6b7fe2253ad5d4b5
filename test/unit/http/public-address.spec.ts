import { describe, expect, it } from '@jest/globals';
import { isPublicAddress } from '../../../lib/http/public-address.js';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '64:ff9b::808:808'])(
    'knows %s to be public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    ['this machine', '127.0.0.1'],
    ['this machine by another address', '127.255.255.254'],
    ['no machine', '0.0.0.0'],
    ['a private network', '10.1.2.3'],
    ['another private network', '172.31.255.255'],
    ['a third private network', '192.168.0.1'],
    ['the metadata of a cloud', '169.254.169.254'],
    ['the metadata of Oracle', '192.0.0.192'],
    ['the metadata of Alibaba', '100.100.100.200'],
    ['the platform of Azure', '168.63.129.16'],
    ['a benchmark', '198.19.0.1'],
    ['an example', '203.0.113.1'],
    ['many machines', '224.0.0.1'],
    ['all machines', '255.255.255.255'],
    ['this machine in IPv6', '::1'],
    ['no machine in IPv6', '::'],
    ['a private network in IPv6', 'fd00:ec2::254'],
    ['a link', 'fe80::1'],
    ['a link with its zone', 'fe80::1%eth0'],
    ['many machines in IPv6', 'ff02::1'],
    ['IPv4 in IPv6', '::ffff:127.0.0.1'],
    ['public IPv4 in IPv6', '::ffff:8.8.8.8'],
    ['IPv4 in IPv6, in the old way', '::127.0.0.1'],
    ['private IPv4 behind NAT64', '64:ff9b::10.0.0.1'],
    ['this machine behind NAT64', '64:ff9b::7f00:1'],
    ['a NAT64 of a network', '64:ff9b:1::1'],
    ['6to4', '2002:7f00:1::1'],
    ['Teredo', '2001:0:7f00:1::'],
    ['an example in IPv6', '2001:db8::1'],
    ['a name', 'localhost'],
    ['nothing', ''],
  ])('does not take %s (%s) for public', (_what, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
