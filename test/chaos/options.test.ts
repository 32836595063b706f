import { partitionOf } from '@milepost/kafka';
import { expect, test } from 'vitest';
import { parseOptions, usage } from './options.js';
import { PARTITIONS, vehicleName } from './size.js';

test('a run without options has every fault, three Kafka nodes and a seed by chance', () => {
  const options = parseOptions([], () => 4_711);
  expect(options).toMatchObject({ seed: 4_711, minutes: 30, vehicles: 200, kafkaNodes: 3 });
  if (options === 'help') throw new Error('no help was asked for');
  for (const name of options.faults) expect(usage).toContain(name);
  expect(options.faults).toEqual(expect.arrayContaining(['kill-broker', 'lose-two-nodes', 'full-disk-postgres', 'poison']));
});

test('one Kafka node leaves out what needs three, and refuses it when it is named', () => {
  expect(parseOptions(['--kafka-nodes', '1'])).toMatchObject({ faults: expect.not.arrayContaining(['lose-one-node']) as string[] });
  expect(() => parseOptions(['--kafka-nodes', '1', '--faults', 'lose-one-node'])).toThrow(/needs --kafka-nodes 3/);
});

test('what makes no sense is refused with a sentence that names it', () => {
  expect(() => parseOptions(['--faults', 'earthquake'])).toThrow(/"earthquake"/);
  expect(() => parseOptions(['--minutes', 'soon'])).toThrow(/--minutes/);
  expect(() => parseOptions(['--seed='])).toThrow(/--seed takes a number/);
  expect(() => parseOptions(['--kafka-nodes', '2'])).toThrow(/1 or 3/);
});

test('the fewest vehicles that a run may have publish to every partition: a fault is over when rows come from each', () => {
  const isEnough = (count: number) =>
    new Set(Array.from({ length: count }, (_, n) => partitionOf(vehicleName(n), PARTITIONS))).size === PARTITIONS;
  const isAllowed = (count: number) => {
    try {
      return parseOptions(['--vehicles', String(count)]) !== 'help';
    } catch {
      return false;
    }
  };
  const allowed = Array.from({ length: 50 }, (_, count) => count).filter(isAllowed);
  expect(allowed.length).toBeGreaterThan(0);
  expect(allowed.filter((count) => !isEnough(count))).toEqual([]);
});
