import { RetainedStore, SubscriptionTree } from '@milepost/mqtt';
import { median, type Table } from '../table.js';
import type { Scenario } from './scenario.js';

const COUNTS = [10, 1_000, 100_000] as const;
const LOOK_UPS = 20_000;
const ROUNDS = 9;
const MIB = 1024 * 1024;

/** Time of one match against the number of filters, and of one retained look-up against the number of retained messages. */
export const topics: Scenario = () => {
  const rows = COUNTS.map((count) => {
    const tree = treeOf(count);
    const store = storeOf(count);
    const topic = `fleet/truck-${count - 1}/commands/unlock`;
    return [
      count.toLocaleString('en'),
      nanoseconds(() => tree.match(topic).length),
      nanoseconds(() => tree.match('fleet/nobody/commands/unlock').length),
      nanoseconds(() => counted(store.matching(topic, 0))),
      nanoseconds(() => counted(store.matching(`fleet/truck-${count - 1}/commands/+`, 0))),
    ];
  });
  const table: Table = {
    title: `topics: nanoseconds for a topic of four levels, medians of ${ROUNDS} rounds of ${LOOK_UPS.toLocaleString('en')}`,
    columns: ['filters or retained messages', 'match', 'no match', 'retained, by topic', 'retained, with +'],
    rows,
  };
  return Promise.resolve([table]);
};

/** A filter with a wildcard for each subscriber, as vehicles subscribe. */
function treeOf(filters: number): SubscriptionTree<number, number> {
  const tree = new SubscriptionTree<number, number>();
  for (let index = 0; index < filters; index += 1) tree.set(`fleet/truck-${index}/commands/#`, index, index);
  return tree;
}

function storeOf(messages: number): RetainedStore {
  const store = new RetainedStore({ maxMessages: messages, maxBytes: 256 * MIB });
  const payload = Buffer.alloc(8);
  for (let index = 0; index < messages; index += 1)
    store.retain({ topic: `fleet/truck-${index}/commands/unlock`, payload, qos: 1, retain: true, properties: {} }, 0);
  return store;
}

function counted(found: Iterable<unknown>): number {
  let count = 0;
  for (const _ of found) count += 1;
  return count;
}

function nanoseconds(lookUp: () => number): string {
  const times: number[] = [];
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const startedAt = performance.now();
    let found = 0;
    for (let index = 0; index < LOOK_UPS; index += 1) found += lookUp();
    if (round > 0 && found >= 0) times.push(((performance.now() - startedAt) * 1e6) / LOOK_UPS);
  }
  return median(times).toFixed(0);
}
