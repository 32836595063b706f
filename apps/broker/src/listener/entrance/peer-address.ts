/** A peer's address as it is shown and recorded: an IPv4 address that arrived on an IPv6 socket is an IPv4 address. */
export function peerAddress(remoteAddress: string | undefined): string {
  return remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '') ?? 'unknown';
}
