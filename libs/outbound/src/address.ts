import ipaddr from 'ipaddr.js';
import { type AllowList, isListed } from './allow-list.js';

/** Addresses of public ranges behind which cloud platforms answer their guests: Azure's wire server. */
const platformAddresses = new Set(['168.63.129.16']);

/** Only this is global unicast (RFC 4291 §2.4): IPv4-mapped and -compatible, NAT64, unique local, link-local and multicast lie outside it. */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/**
 * Whether a request of a user's making may go to this resolved address: when it is public, or listed.
 * Public is what the IANA special-purpose registries (RFC 6890) leave over; Teredo, 6to4, ORCHID, benchmark and
 * documentation prefixes are among them. Anything that is not an address is not allowed.
 */
export function isAddressAllowed(address: string, allow: AllowList): boolean {
  return isPublic(address) || isListed(address, allow);
}

function isPublic(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
    const parsed = ipaddr.IPv4.parse(address);
    return parsed.range() === 'unicast' && !platformAddresses.has(parsed.toString());
  }
  if (!ipaddr.IPv6.isValid(address)) return false;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.zoneId === undefined && parsed.match(globalUnicast) && parsed.range() === 'unicast';
}
