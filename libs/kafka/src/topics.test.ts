import { topicPolicies } from '@milepost/contracts';
import { describe, expect, test } from 'vitest';
import { judgeTopic, withFewCopies } from './topics.js';

const policy = topicPolicies.find(({ topic }) => topic === 'fleet.presence');
if (policy === undefined) throw new Error('no presence topic in the contract');
const good = { 'max.message.bytes': '2097152', 'message.timestamp.type': 'LogAppendTime', 'min.insync.replicas': '2' };
const judged = (replicas: number, changed: Record<string, string>) =>
  judgeTopic({ name: 't', policy, replicas, settings: new Map(Object.entries({ ...good, ...changed })) });

describe('a topic is', () => {
  test('fit with three replicas of which two must be in sync', () => {
    expect(judged(3, {})).toEqual({ problems: [], risks: [] });
  });

  test('a risk with three replicas of which one suffices', () => {
    expect(judged(3, { 'min.insync.replicas': '1' }).risks).toHaveLength(1);
    expect(judged(1, { 'min.insync.replicas': '1' }).risks).toHaveLength(0);
  });

  test('a risk when a late replica may lead', () => {
    expect(judged(3, { 'unclean.leader.election.enable': 'true' }).risks).toHaveLength(1);
  });

  test('unfit when it drops by age what is kept by key, or the other way round', () => {
    expect(judged(1, { 'cleanup.policy': 'compact' }).problems).toHaveLength(1);
    expect(judged(1, { 'cleanup.policy': 'delete' }).problems).toHaveLength(0);
  });

  test('unfit when it refuses a full batch or keeps the wrong clock', () => {
    expect(judged(1, { 'max.message.bytes': '1048588', 'message.timestamp.type': 'CreateTime' }).problems).toHaveLength(2);
  });
});

describe('few copies has a topic', () => {
  const topic = (name: string, ...copies: number[]) => ({
    name,
    partitions: copies.map((count) => ({ replicas: Array.from({ length: count }, (_, node) => node) })),
  });

  test('of which any partition has fewer than three where there are as many nodes', () => {
    expect(withFewCopies([topic('whole', 3, 3), topic('first', 1, 3), topic('last', 3, 2)], 3)).toEqual(['first', 'last']);
  });

  test('never on a Kafka of one node', () => {
    expect(withFewCopies([topic('single', 1, 1)], 1)).toEqual([]);
  });
});
