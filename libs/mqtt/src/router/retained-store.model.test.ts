import fc from 'fast-check';
import { expect, it } from 'vitest';
import { messageBytes } from '../packets/message-bytes.js';
import type { OutboundMessage } from '../session/outbound-message.js';
import { topicMatches } from '../topics/topic-matches.js';
import { RetainedStore } from './retained-store.js';

const TOPICS = ['a', 'a/b', 'a/b/c', 'a/c', 'b', 'b/b', '$s/a', '/', 'a/'];
const FILTERS = ['a', 'a/b', '+', '+/b', 'a/+', '+/+', 'a/+/c', '#', 'a/#', 'a/b/#', '+/#', '$s/a', '$s/#', '$s/+', '/'];
const LIMITS = { maxMessages: 5, maxBytes: 200 };

const change = fc.record({
  topic: fc.constantFrom(...TOPICS),
  length: fc.constantFrom(0, 1, 1, 2, 90),
  lifetimeMs: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined }),
  passMs: fc.constantFrom(0, 0, 400, 3_000),
});

it('a store answers as a list of the last message of each topic would, within its limits', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const store = new RetainedStore(LIMITS);
      const list = new Map<string, OutboundMessage>();
      let now = 0;
      for (const { topic, length, lifetimeMs, passMs } of changes) {
        now += passMs;
        const expires = lifetimeMs === undefined ? {} : { expiresAtMs: now + lifetimeMs };
        const message: OutboundMessage = { topic, payload: Buffer.alloc(length), qos: 1, retain: true, properties: {}, ...expires };
        const limit = store.limitFor(message, now);
        expect(store.hasRoomFor(message, now)).toBe(limit === undefined);
        const outcome = store.retain(message, now);
        expect(outcome).toBe(length === 0 ? 'removed' : limit === undefined ? 'stored' : 'full');
        if (outcome === 'stored') list.set(topic, message);
        if (outcome === 'removed') list.delete(topic);
        expect(store.size).toBeLessThanOrEqual(LIMITS.maxMessages);
        expect(store.sizeBytes).toBeLessThanOrEqual(LIMITS.maxBytes);
        const alive = [...list.values()].filter(({ expiresAtMs }) => expiresAtMs === undefined || expiresAtMs > now);
        // What has expired may be counted until somebody needs its room, and nothing else is.
        expect(store.size).toBeGreaterThanOrEqual(alive.length);
        expect(store.size).toBeLessThanOrEqual(list.size);
        if (outcome === 'full') {
          const others = alive.filter((each) => each.topic !== topic);
          const bytes = others.reduce((sum, each) => sum + messageBytes(each), messageBytes(message));
          const isCounted = store.size > alive.length;
          if (!isCounted) expect(others.length >= LIMITS.maxMessages || bytes > LIMITS.maxBytes).toBe(true);
        }
        const names = (messages: Iterable<OutboundMessage | undefined>) => [...messages].flatMap((each) => each?.topic ?? []).sort();
        expect(names(store.all(now))).toEqual(names(alive));
        for (const each of TOPICS)
          expect(store.get(each, now)?.payload.length).toBe(alive.find(({ topic: of }) => of === each)?.payload.length);
        for (const filter of FILTERS)
          expect([filter, names(store.matching(filter, now))]).toEqual([
            filter,
            names(alive.filter((each) => topicMatches(filter, each.topic))),
          ]);
      }
    }),
    { numRuns: 200 },
  );
});

it('a walk in parts meets each topic that is there all along once, and is over however much is removed and comes again meanwhile', () => {
  const steps = fc.array(fc.record({ topic: fc.constantFrom(...TOPICS), isRemoved: fc.boolean() }), { maxLength: 6 });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom(...TOPICS)),
      fc.constantFrom(...FILTERS),
      fc.array(steps, { maxLength: 12 }),
      (topics, filter, changes) => {
        const store = new RetainedStore({ maxMessages: 100, maxBytes: 10_000 });
        const retain = (topic: string, length: number) =>
          store.retain({ topic, payload: Buffer.alloc(length), qos: 1, retain: true, properties: {} }, 0);
        for (const topic of topics) retain(topic, 1);
        const matching = topics.filter((topic) => topicMatches(filter, topic));
        const stayed = new Set(matching);
        const met: string[] = [];
        let part = 0;
        for (const message of store.matching(filter, 0)) {
          if (message !== undefined) met.push(message.topic);
          for (const { topic, isRemoved } of changes[part++ % Math.max(1, changes.length)] ?? []) {
            if (isRemoved) stayed.delete(topic);
            retain(topic, isRemoved ? 0 : 1);
          }
          expect(met.length).toBeLessThanOrEqual(TOPICS.length ** 2);
        }
        expect(met.filter((topic) => stayed.has(topic)).sort()).toEqual([...stayed].sort());
      },
    ),
    { numRuns: 1_000 },
  );
});

it('a store whose messages are removed one by one is empty: it counts nothing and holds no level', () => {
  const store = new RetainedStore({ maxMessages: 100, maxBytes: 100_000 });
  const retain = (topic: string, length: number) =>
    store.retain({ topic, payload: Buffer.alloc(length), qos: 1, retain: true, properties: {} }, 0);
  for (const topic of TOPICS) retain(topic, 3);
  expect([store.size, store.sizeBytes > 0]).toEqual([TOPICS.length, true]);
  for (const topic of TOPICS) expect(retain(topic, 0)).toBe('removed');
  expect([store.size, store.sizeBytes, levelsIn(store)]).toEqual([0, 0, 1]);
  // One that holds others stays for them.
  retain('a', 3);
  retain('a/b/c', 3);
  retain('a', 0);
  expect([store.get('a', 0), store.get('a/b/c', 0)?.topic, levelsIn(store)]).toEqual([undefined, 'a/b/c', 4]);
  retain('a/b', 0);
  retain('x/y', 0);
  expect([store.get('a/b/c', 0)?.topic, store.size, levelsIn(store)]).toEqual(['a/b/c', 1, 4]);
});

/** How many levels a store holds, by a look at what it is made of. */
function levelsIn(store: object): number {
  const seen = new Set<unknown>();
  const open: unknown[] = [store];
  let levels = 0;
  while (open.length > 0) {
    const each = open.pop();
    if (typeof each !== 'object' || each === null || seen.has(each) || Buffer.isBuffer(each)) continue;
    seen.add(each);
    if (each.constructor.name === 'Node') levels++;
    open.push(...(each instanceof Map ? each.values() : Object.values(each)));
  }
  return levels;
}
