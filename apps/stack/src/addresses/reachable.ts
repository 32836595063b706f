import { isIPv6 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** Where a client on this machine finds what listens on that address, as it stands in a URL. */
export function reachable(host: string): string {
  if (isWildcard(host)) return '127.0.0.1';
  return isIPv6(host) ? `[${host}]` : host;
}

/** What clients of this and other machines call who listens on that address: it itself, or every address of this machine that is no matter of one link. */
export function namesOf(host: string, interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces()): string[] {
  if (!isWildcard(host)) return [host];
  const addresses = Object.values(interfaces).flatMap((list = []) => list);
  return addresses.filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => address);
}

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';
