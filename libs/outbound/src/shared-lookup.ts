import type { LookupAddress } from 'node:dns';

/** `dns.lookup` as far as the guard needs it. */
export type Lookup = (
  hostname: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * One question for a name at a time; whoever asks meanwhile gets the same answer. `dns.lookup` runs on libuv's few threads (four
 * by default): a name whose servers do not answer holds one of them, not all, and other names are still found. Nothing is cached.
 */
export function sharedLookup(lookup: Lookup): Lookup {
  const waiting = new Map<string, Parameters<Lookup>[2][]>();
  return (hostname, options, callback) => {
    const others = waiting.get(hostname);
    if (others) {
      others.push(callback);
      return;
    }
    const callbacks = [callback];
    waiting.set(hostname, callbacks);
    lookup(hostname, options, (error, addresses) => {
      waiting.delete(hostname);
      for (const answer of callbacks) answer(error, addresses);
    });
  };
}
