/** What is wrong with addresses that must be `host:port` each, like `kafka-1:9092` or `[::1]:9092`; undefined when nothing is. */
export function addressFault(addresses: readonly string[]): string | undefined {
  const wrong = addresses.filter((address) => !isHostAndPort(address));
  if (wrong.length === 0) return undefined;
  return `${wrong.map((address) => `"${address}"`).join(', ')} is not host:port, like kafka-1:9092.`;
}

function isHostAndPort(address: string): boolean {
  const [, port] = /^(?:[^\s:/@[\]]+|\[[\d.:a-f]+\]):(\d{1,5})$/i.exec(address) ?? [];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}
