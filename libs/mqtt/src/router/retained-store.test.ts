import { afterEach, expect, it, vi } from 'vitest';
import type { OutboundMessage } from '../session/outbound-message.js';
import { SmallMap } from '../topics/small-map.js';
import { LEVELS_LOOKED_AT, RetainedStore } from './retained-store.js';

const NOW = 5_000;

function message(topic: string, overrides: Partial<OutboundMessage> = {}): OutboundMessage {
  return { topic, payload: Buffer.from(topic), qos: 1, retain: true, properties: {}, ...overrides };
}

function storeOf(topics: readonly string[], maxMessages = 100): RetainedStore {
  const store = new RetainedStore({ maxMessages, maxBytes: 10_000 });
  for (const topic of topics) store.retain(message(topic), NOW);
  return store;
}

afterEach(() => vi.restoreAllMocks());

const topicsOf = (messages: Iterable<OutboundMessage | undefined>) => [...messages].flatMap((each) => each?.topic ?? []).sort();

it('names the limit that a message would exceed, and an empty payload exceeds none [MQTT-3.3.1-6]', () => {
  const store = new RetainedStore({ maxMessages: 1, maxBytes: 1_000 });
  store.retain(message('a'), NOW);
  expect(store.limitFor(message('b'), NOW)).toBe('maxMessages');
  expect(store.limitFor(message('a', { payload: Buffer.alloc(1_000) }), NOW)).toBe('maxBytes');
  expect(store.limitFor(message('b', { payload: Buffer.alloc(0) }), NOW)).toBeUndefined();
});

it('takes what is no larger than what it replaces while it holds more than its bytes [MQTT-3.3.1-5]', () => {
  const store = new RetainedStore({ maxMessages: 10, maxBytes: 10 });
  const of = (length: number) => message('a', { payload: Buffer.alloc(length) });
  store.restore(of(20));
  expect(store.limitFor(of(21), NOW)).toBe('maxBytes');
  expect([store.retain(of(20), NOW), store.retain(of(19), NOW), store.retain(of(20), NOW)]).toEqual(['stored', 'stored', 'full']);
});

it('hands out everything that has not expired, $ topics too, and takes it back whatever the limits are', () => {
  const store = storeOf(['a', 'a/b', '$SYS/x', '/']);
  store.retain(message('old', { expiresAtMs: NOW + 1 }), NOW);
  const kept = [...store.all(NOW + 1)];
  expect(topicsOf(kept)).toEqual(['$SYS/x', '/', 'a', 'a/b']);
  const restored = storeOf([], 1);
  for (const each of kept) restored.restore(each);
  expect(topicsOf(restored.all(NOW))).toEqual(topicsOf(kept));
  expect([restored.size, restored.sizeBytes > 0]).toEqual([4, true]);
  expect(restored.retain(message('new'), NOW)).toBe('full');
});

it('can be walked in parts while it changes: what is removed meanwhile is not seen, nothing is seen twice', () => {
  const store = storeOf(['a/1', 'a/2', 'a/3', 'a/4']);
  const walk = store.matching('a/+', NOW);
  const seen = [walk.next().value?.topic];
  for (const topic of ['a/1', 'a/2', 'a/3', 'a/4']) if (topic !== seen[0]) store.retain(message(topic, { payload: Buffer.alloc(0) }), NOW);
  expect(topicsOf(walk)).toEqual([]);
});

it.each(['+/+/x', 'a/+/+', 'b/#', '#'])('a walk of %s says so where it has looked at much and found nothing', (filter) => {
  const count = 10 * LEVELS_LOOKED_AT;
  const topics = Array.from({ length: count }, (_, index) => `a/${index}`);
  const store = new RetainedStore({ maxMessages: 2 * count, maxBytes: 1_000_000 });
  for (const topic of topics) store.retain(message(topic), NOW);
  for (const topic of topics) store.retain(message(topic.replace('a', 'b'), { expiresAtMs: NOW + 1 }), NOW);
  const walk = [...store.matching(filter, NOW + 1)];
  const found = walk.filter((each) => each !== undefined);
  expect(topicsOf(found)).toEqual(filter === '#' ? topics.toSorted() : []);
  // Of what is there to be looked at, each level by itself, but for the last few.
  expect(walk.length - found.length).toBeGreaterThanOrEqual(9);
  expect(walk.length - found.length).toBeLessThanOrEqual(21);
});

it.each(['#', 'a/#', 'a/+', '+/#', '+/+', '+/b/#'])(
  'a step of a walk of %s takes no more of the store than it looks at, however wide a level is',
  (filter) => {
    const store = new RetainedStore({ maxMessages: 1_000, maxBytes: 1_000_000 });
    for (let index = 0; index < 1_000; index++) store.retain(message(index % 2 === 0 ? `a/${index}` : `${index}/b`), NOW);
    const { entries } = SmallMap.prototype;
    let taken = 0;
    vi.spyOn(SmallMap.prototype, 'entries').mockImplementation(function* (this: SmallMap<unknown, unknown>) {
      for (const each of entries.call(this)) {
        taken++;
        yield each;
      }
    });
    let most = 0;
    for (const _each of store.matching(filter, NOW)) {
      most = Math.max(most, taken);
      taken = 0;
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(2 * LEVELS_LOOKED_AT);
  },
);

it.each([
  ['+/+', ['/', '/x', 'a/b']],
  ['/+', ['/', '/x']],
  ['/#', ['/', '/x', '/x/y']],
  ['+/x/+', ['/x/y']],
  ['+', ['a']],
  ['$SYS/+', ['$SYS/x']],
])('empty levels are levels, and a wildcard is no first level with $: %s [MQTT-4.7.2-1, MQTT-4.7.3-4]', (filter, expected) => {
  expect(topicsOf(storeOf(['/', '/x', '/x/y', 'a', 'a/b', '$SYS/x']).matching(filter, NOW))).toEqual(expected);
});

it('looks for expired messages once a second at most, however often it is asked for room', () => {
  const store = new RetainedStore({ maxMessages: 1, maxBytes: 1_000 });
  store.retain(message('a', { expiresAtMs: NOW + 10 }), NOW);
  expect(store.hasRoomFor(message('b'), NOW + 9)).toBe(false);
  expect(store.retain(message('b', { expiresAtMs: NOW + 20 }), NOW + 10)).toBe('stored');
  expect(store.hasRoomFor(message('c'), NOW + 20)).toBe(false);
  expect(store.hasRoomFor(message('c'), NOW + 1_010)).toBe(true);
});

it('says of which topics the messages have expired when it removes them, and of no other', () => {
  const expired: string[] = [];
  const store = new RetainedStore({ maxMessages: 3, maxBytes: 1_000 }, (topics) => expired.push(...topics));
  for (const topic of ['a', 'b']) store.retain(message(topic, { expiresAtMs: NOW + 10 }), NOW);
  store.retain(message('c'), NOW);
  store.retain(message('b', { payload: Buffer.alloc(0) }), NOW);
  store.retain(message('d'), NOW);
  expect([store.hasRoomFor(message('e'), NOW + 9), expired]).toEqual([false, []]);
  expect([store.hasRoomFor(message('e'), NOW + 10), expired]).toEqual([true, ['a']]);
});

it('counts what the levels of a deep topic take: 100 bytes for each beyond the eighth, as long as it is there', () => {
  const store = new RetainedStore({ maxMessages: 10, maxBytes: 1_000 });
  const payload = Buffer.alloc(1);
  store.retain(message('/'.repeat(7), { payload }), NOW);
  expect(store.sizeBytes).toBe(8);
  store.retain(message('/'.repeat(16), { payload }), NOW);
  expect(store.sizeBytes).toBe(8 + 17 + 900);
  expect([store.limitFor(message('/'.repeat(8), { payload }), NOW), store.limitFor(message('/'.repeat(16), { payload }), NOW)]).toEqual([
    'maxBytes',
    undefined,
  ]);
  store.retain(message('/'.repeat(16), { payload: Buffer.alloc(0) }), NOW);
  expect(store.sizeBytes).toBe(8);
});
