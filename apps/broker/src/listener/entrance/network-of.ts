import { isIPv6 } from 'node:net';

/** Groups of an IPv6 address that name the network: who has one /64 has all its addresses. */
const NETWORK_GROUPS = 4;

/** Whose address it is, as far as that can be told: an IPv4 address is its own, an IPv6 address its /64's. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, NETWORK_GROUPS).join(':')}::/64`;
}

function groupsOf(part: string): string[] {
  return part === '' ? [] : part.toLowerCase().split(':');
}
