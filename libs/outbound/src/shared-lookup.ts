import type { LookupAddress } from 'node:dns';

/** `dns.lookup` as far as the guard needs it. */
export type Lookup = (
  hostname: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

type Answer = Parameters<Lookup>[2];

/** `dns.lookup` runs on libuv's threads, four by default: names that were never answered hold half of them at most. */
const MAX_UNKNOWN_AT_ONCE = 2;
const MAX_KNOWN_NAMES = 10_000;
/** Of getaddrinfo(3): no name server answered. */
const NO_ANSWER = 'EAI_AGAIN';

/**
 * One question for a name at a time; whoever asks meanwhile gets the same answer. Names whose servers answered when they were last asked go
 * at once, the others two at a time: those whose servers are silent, however many there are, delay none that works. No answer is cached.
 */
export function sharedLookup(lookup: Lookup): Lookup {
  const waiting = new Map<string, Answer[]>();
  const known = new Set<string>();
  const queue: (() => void)[] = [];
  let unknownAsked = 0;

  const ask = (hostname: string, options: { all: true }, answered: () => void) =>
    lookup(hostname, options, (error, addresses) => {
      known.delete(hostname);
      if (error?.code !== NO_ANSWER) known.add(hostname);
      const [oldest] = known;
      if (known.size > MAX_KNOWN_NAMES && oldest !== undefined) known.delete(oldest);
      const callbacks = waiting.get(hostname) ?? [];
      waiting.delete(hostname);
      answered();
      for (const answer of callbacks) answer(error, addresses);
    });
  const askNext = () => {
    while (unknownAsked < MAX_UNKNOWN_AT_ONCE && queue.length > 0) {
      unknownAsked += 1;
      queue.shift()?.();
    }
  };

  return (hostname, options, callback) => {
    const others = waiting.get(hostname);
    if (others) {
      others.push(callback);
      return;
    }
    waiting.set(hostname, [callback]);
    if (known.has(hostname)) return ask(hostname, options, () => undefined);
    queue.push(() =>
      ask(hostname, options, () => {
        unknownAsked -= 1;
        askNext();
      }),
    );
    askNext();
  };
}
