import { lookup, type LookupAddress } from 'node:dns';
import { Agent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isAmongHosts } from './host-pattern.js';
import { isPublicAddress } from './public-address.js';

/** Its code stands in the message of the request that fails. */
class NotPublicError extends Error {
  readonly code = 'its name leads to an address that is not public, and allowedHosts does not have it';
}

/**
 * An agent that connects to public addresses alone, as names are resolved for this one connection. It uses no proxy, which
 * would resolve names itself, and shows no certificate.
 *
 * @param allowedHosts patterns of hosts that may have any address
 * @param resolveName Node's `dns.lookup`, or what stands for it in a test
 */
export function publicAgent(allowedHosts: readonly string[], resolveName: typeof lookup = lookup): Agent {
  const publicLookup: LookupFunction = (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const [first] = addresses ?? [];
      if (error || !first) return callback(error ?? new NotPublicError(), []);
      const isAllowed = isAmongHosts({ hostname }, allowedHosts);
      if (!isAllowed && !addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(new NotPublicError(), []);
      }
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
  return new Agent({ keepAlive: false, lookup: publicLookup });
}
