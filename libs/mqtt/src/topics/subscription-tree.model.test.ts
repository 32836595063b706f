import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SubscriptionTree } from './subscription-tree.js';
import { topicMatches } from './topic-matches.js';

const FILTERS = [
  'a',
  'a/b',
  'a/b/c',
  'a/c',
  '+',
  '+/b',
  'a/+',
  '+/+',
  'a/+/c',
  '#',
  'a/#',
  'a/b/#',
  '+/#',
  'a/+/#',
  '$s/a',
  '$s/#',
  '/',
  '',
];
const TOPICS = ['a', 'a/b', 'a/b/c', 'a/c', 'b', 'b/b', 'a/b/c/d', '$s', '$s/a', '/', 'a/'];
const KEYS = ['k', 'l', 'm'];

/** How many levels a tree holds, by a look at what it is made of: nothing else tells of levels that were not given back. */
function levelsIn(tree: object): number {
  const seen = new Set<unknown>();
  const open: unknown[] = [tree];
  let levels = 0;
  while (open.length > 0) {
    const each = open.pop();
    if (typeof each !== 'object' || each === null || seen.has(each)) continue;
    seen.add(each);
    if (each.constructor.name === 'Node') levels++;
    open.push(...(each instanceof Map ? each.values() : Object.values(each)));
  }
  return levels;
}

const change = fc.record({ adds: fc.boolean(), filter: fc.constantFrom(...FILTERS), key: fc.constantFrom(...KEYS), value: fc.nat(3) });

it('a tree answers as a list of its subscriptions would, and holds as many levels as one that never had more', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const tree = new SubscriptionTree<string, string>();
      const list = new Map<string, { filter: string; key: string; value: string }>();
      for (const { adds, filter, key, value: number } of changes) {
        const name = `${key} ${filter}`;
        const value = `${name} ${number}`;
        if (adds) {
          expect(tree.set(filter, key, value)).toBe(!list.has(name));
          list.set(name, { filter, key, value });
        } else {
          expect(tree.delete(filter, key)).toBe(list.delete(name));
        }
        expect(tree.size).toBe(list.size);
        expect(tree.get(filter, key)).toBe(list.get(name)?.value);
      }
      for (const topic of TOPICS) {
        const wanted = [...list.values()].filter((each) => topicMatches(each.filter, topic)).map((each) => each.value);
        expect([topic, [...tree.match(topic)].sort()]).toEqual([topic, wanted.sort()]);
      }
      const fresh = new SubscriptionTree<string, string>();
      for (const { filter, key, value } of list.values()) fresh.set(filter, key, value);
      expect(levelsIn(tree)).toBe(levelsIn(fresh));
    }),
    { numRuns: 300 },
  );
});

it('the levels of a tree are counted: one more for each level of a filter', () => {
  const tree = new SubscriptionTree<string, string>();
  expect(levelsIn(tree)).toBe(1);
  tree.set('a/+/b', 'k', 'v');
  tree.set('a/c/#', 'k', 'v');
  expect(levelsIn(tree)).toBe(5);
});

it('a level that is given back is one that nobody needs: neither below it nor beside it', () => {
  for (const left of FILTERS) {
    for (const gone of FILTERS) {
      if (gone === left) continue;
      const tree = new SubscriptionTree<string, string>();
      tree.set(left, 'k', 'left');
      tree.set(gone, 'k', 'gone');
      expect(tree.delete(gone, 'k')).toBe(true);
      expect([left, gone, tree.get(left, 'k'), tree.get(gone, 'k'), tree.size]).toEqual([left, gone, 'left', undefined, 1]);
    }
  }
});
