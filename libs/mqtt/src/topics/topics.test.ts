import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SubscriptionTree } from './subscription-tree.js';
import { isTopicFilter, parseSharedFilter } from './topic-filter.js';
import { topicMatches } from './topic-matches.js';
import { isTopicName } from './topic-name.js';

describe('topic names', () => {
  it.each(['a', '/', 'a//b', ' ', '$SYS/x', 'ü/日本'])('%j is one', (topic) => expect(isTopicName(topic)).toBe(true));
  it.each(['', 'a+', '#', 'a/#', 'a\0b', 'x'.repeat(65_536), 'ü'.repeat(32_768)])(
    '%.10j is none [MQTT-4.7.0-1, MQTT-4.7.3-1, MQTT-4.7.3-2, MQTT-4.7.3-3]',
    (topic) => expect(isTopicName(topic)).toBe(false),
  );
  it('is at most 65,535 bytes of UTF-8 long [MQTT-4.7.3-3]', () => {
    const lengths = ['x'.repeat(65_535), 'x'.repeat(65_536), `${'日'.repeat(21_844)}xxx`, `${'日'.repeat(21_845)}x`];
    expect(lengths.map(isTopicName)).toEqual([true, false, true, false]);
  });
});

describe('topic filters', () => {
  it.each(['#', '+', '+/+', 'a/#', '/+', 'a/+/b', '//#', '$share/g/a/#'])('%j is one', (filter) =>
    expect(isTopicFilter(filter)).toBe(true),
  );
  it.each(['', 'a#', '#/a', 'a/#/b', 'a+', '+a/b', 'a/b\0', '$share/g', '$share//a', '$share/g#/a', '$share/g/'])(
    '%j is none [MQTT-4.7.1-1, MQTT-4.7.1-2, MQTT-4.7.3-1, MQTT-4.7.3-2, MQTT-4.8.2-1, MQTT-4.8.2-2]',
    (filter) => expect(isTopicFilter(filter)).toBe(false),
  );

  it('is at most 65,535 bytes of UTF-8 long [MQTT-4.7.3-3]', () => {
    const lengths = ['x'.repeat(65_535), 'x'.repeat(65_536), '日'.repeat(21_845), `${'日'.repeat(21_845)}x`];
    expect(lengths.map(isTopicFilter)).toEqual([true, false, true, false]);
  });

  it('a shared filter has a group and a filter', () => {
    expect(parseSharedFilter('$share/g//a/+')).toEqual({ group: 'g', filter: '/a/+' });
  });
});

const MATCHES: [filter: string, topic: string, matches: boolean][] = [
  ['a/b', 'a/b', true],
  ['a/b', 'a/b/c', false],
  ['a/b', 'A/b', false],
  ['a/#', 'a', true],
  ['a/#', 'a/b/c', true],
  ['a/#', 'ab', false],
  ['#', 'a/b', true],
  ['+', 'a', true],
  ['+', '/a', false],
  ['/+', '/a', true],
  ['+/+', '/a', true],
  ['a/+', 'a', false],
  ['a/+', 'a/', true],
  ['a/+/c', 'a/b/c', true],
  ['a/+/#', 'a/b', true],
  ['a/+/#', 'a', false],
  ['#', '$SYS/x', false],
  ['+/x', '$SYS/x', false],
  ['$SYS/#', '$SYS/x', true],
  ['$SYS/+', '$SYS/x', true],
  ['a/+', 'a/$b', true],
  // The same letter to a reader, and another topic: written as one character, and as two.
  ['\u00e9', '\u00e9', true],
  ['\u00e9', 'e\u0301', false],
  ['e\u0301', '\u00e9', false],
];

describe('matching [MQTT-4.7.2-1, MQTT-4.7.3-4]', () => {
  it.each(MATCHES)('filter %s and topic %s: %s', (filter, topic, matches) => {
    expect(topicMatches(filter, topic)).toBe(matches);
    const tree = new SubscriptionTree<string, string>();
    tree.set(filter, 'client', 'client');
    expect(found(tree, topic)).toEqual(matches ? ['client'] : []);
  });
});

function found(tree: SubscriptionTree<string, string>, topic: string): string[] {
  return [...tree.match(topic)].sort();
}

describe('the subscription tree', () => {
  const level = fc.constantFrom('a', 'b', '', '$x');
  const topicOf = fc
    .array(level, { minLength: 1, maxLength: 4 })
    .map((levels) => levels.join('/'))
    .filter((topic) => topic !== '');
  const filterOf = fc
    .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([levels, hash]) => [...levels, ...(hash ? ['#'] : [])].join('/'))
    .filter((filter) => filter !== '');

  it('finds, after any subscribing and unsubscribing, what matching one by one finds', () => {
    const step = fc.record({ add: fc.boolean(), filter: filterOf, key: fc.constantFrom('1', '2', '3') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), topicOf, (steps, topic) => {
        const tree = new SubscriptionTree<string, string>();
        const reference = new Set<string>();
        for (const { add, filter, key } of steps) {
          const entry = `${key} ${filter}`;
          if (add) expect(tree.set(filter, key, key)).toBe(!reference.has(entry));
          else expect(tree.delete(filter, key)).toBe(reference.has(entry));
          if (add) reference.add(entry);
          else reference.delete(entry);
        }
        const expected = [...reference].filter((entry) => topicMatches(entry.slice(2), topic)).map((entry) => entry.slice(0, 1));
        expect(found(tree, topic)).toEqual(expected.sort());
        expect(tree.size).toBe(reference.size);
      }),
      { numRuns: 500 },
    );
  });

  it('a topic of 30,000 levels does not exhaust the stack', () => {
    const tree = new SubscriptionTree<string, string>();
    const deep = '/'.repeat(30_000);
    tree.set(deep, 'client', 'client');
    tree.set(`${'+/'.repeat(20_000)}#`, 'other', 'other');
    expect(found(tree, deep)).toEqual(['client', 'other']);
    expect(tree.delete(deep, 'client')).toBe(true);
    expect(tree.size).toBe(1);
  });
});
