import { describe, expect, test } from 'vitest';
import { type ReplicasNeeded, replicasOfNewTopics } from './replicas.js';

const copies = (needed: Partial<ReplicasNeeded>) => replicasOfNewTopics({ nodes: 3, named: 1, present: 0, wanted: undefined, ...needed });

describe('a new topic', () => {
  test('has three copies where there are as many nodes, and one on a Kafka of one node', () => {
    expect(copies({ nodes: 5 })).toBe(3);
    expect(copies({ nodes: 3, named: 3 })).toBe(3);
    expect(copies({ nodes: 1 })).toBe(1);
  });

  test('is not made while nodes that KAFKA_BROKERS names are away', () => {
    expect(() => copies({ nodes: 2, named: 3 })).toThrow(/2 nodes of Kafka are up, and KAFKA_BROKERS names 3\..*--replication-factor 2/);
    expect(() => copies({ nodes: 1, named: 3 })).toThrow(/One node of Kafka is up, and KAFKA_BROKERS names 3\..*--replication-factor 1/);
  });

  test('is not made on two nodes, which may be three, unless somebody says so', () => {
    expect(() => copies({ nodes: 2, named: 1 })).toThrow(/2 nodes of Kafka are up, and 3 are needed/);
    expect(() => copies({ nodes: 2, named: 2 })).toThrow(/2 nodes of Kafka are up, and 3 are needed/);
    expect(copies({ nodes: 2, named: 3, wanted: 2 })).toBe(2);
    expect(() => copies({ nodes: 2, wanted: 3 })).toThrow(/too few for 3 copies/);
  });

  test('has as many copies as the others of its installation, or waits for the nodes', () => {
    expect(copies({ nodes: 2, named: 2, present: 2 })).toBe(2);
    expect(copies({ nodes: 3, present: 2 })).toBe(3);
    expect(() => copies({ nodes: 2, named: 1, present: 3 })).toThrow(
      /too few for 3 copies of a topic \(the topics that are there have 3\)/,
    );
    expect(() => copies({ nodes: 1, named: 1, present: 3 })).toThrow(/One node of Kafka is up, too few for 3 copies/);
  });
});
