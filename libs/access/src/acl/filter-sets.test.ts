import { topicMatches } from '@milepost/mqtt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterCovers, filtersOverlap } from './filter-sets.js';

/** Level names of the filters, and in topics one more that no filter has: what holds for these topics holds for all. */
const NAMES = ['a', 'b', '', '$s'];
const DEPTH = 3;
const TOPICS = topics(DEPTH + 2);

function topics(depth: number): string[] {
  const levels = [...NAMES, 'other'];
  const shorter = depth === 1 ? [] : topics(depth - 1);
  const longest = shorter.filter((topic) => topic.split('/').length === depth - 1);
  return depth === 1 ? levels : [...shorter, ...longest.flatMap((topic) => levels.map((level) => `${topic}/${level}`))];
}

const filters = fc
  .tuple(fc.array(fc.constantFrom('+', '+', ...NAMES), { minLength: 0, maxLength: DEPTH - 1 }), fc.constantFrom('#', '+', ...NAMES))
  .map(([levels, last]) => [...levels, last].join('/'))
  .filter((filter) => filter !== '');
/** An empty first level alone is the empty topic, which does not exist. */
const matching = (filter: string) => TOPICS.filter((topic) => topic !== '' && topicMatches(filter, topic));

describe('filters as sets', () => {
  it('one covers another exactly when it matches every topic that the other matches', () => {
    fc.assert(
      fc.property(filters, filters, (granted, filter) => {
        expect(filterCovers(granted, filter)).toBe(matching(filter).every((topic) => topicMatches(granted, topic)));
      }),
      { numRuns: 150 },
    );
  });

  it('two overlap exactly when a topic matches both', () => {
    fc.assert(
      fc.property(filters, filters, (one, other) => {
        expect(filtersOverlap(one, other)).toBe(matching(one).some((topic) => topicMatches(other, topic)));
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['fleet/#', 'fleet/+/location', true],
    ['fleet/+/location', 'fleet/truck-1/location', true],
    ['fleet/+/location', 'fleet/#', false],
    ['fleet/+/location', 'fleet/+/+', false],
    ['fleet/#', 'fleet', true],
    ['fleet/+/#', 'fleet/#', false],
    ['+/#', '#', true],
    ['#', '$SYS/#', false],
    ['+/broker', '$SYS/broker', false],
    ['$SYS/#', '$SYS/broker/+', true],
    ['$SYS/#', '#', false],
  ])('%s covers %s: %s [MQTT-4.7.2-1]', (granted, filter, covered) => expect(filterCovers(granted, filter)).toBe(covered));
});
