import ipaddr from 'ipaddr.js';

/** Networks that WEBHOOK_ALLOW names. Made by `parseAllowList` alone. */
export type AllowList = readonly Network[];
type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** @throws Error naming each entry that is neither an address nor a network: a typing error must not open or close anything silently. */
export function parseAllowList(entries: readonly string[]): AllowList {
  const wrong: string[] = [];
  const networks: Network[] = [];
  for (const entry of entries) {
    const network = parseNetwork(entry);
    if (network) networks.push(network);
    else wrong.push(`"${entry}"`);
  }
  if (wrong.length > 0) throw new Error(`WEBHOOK_ALLOW: ${wrong.join(', ')} is not a network like 10.0.0.0/8 or fd00::/8, nor an address.`);
  return networks;
}

function parseNetwork(entry: string): Network | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(entry)) return [ipaddr.IPv4.parse(entry), 32];
  if (ipaddr.IPv6.isValid(entry)) return [ipaddr.IPv6.parse(entry), 128];
  const [address, prefix] = entry.split('/');
  if (address === undefined || prefix === undefined) return undefined;
  // ipaddr.js also reads 10/8 or 0x0a000000/8, which nobody means to write.
  if (!address.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(address)) return undefined;
  return ipaddr.isValidCIDR(entry) ? ipaddr.parseCIDR(entry) : undefined;
}

/** Whether a network of the list has this address. An IPv4-mapped one counts as the IPv4 address that it stands for. */
export function isListed(address: string, allow: AllowList): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return allow.some(([network, prefix]) => network.kind() === parsed.kind() && parsed.match(network, prefix));
}
