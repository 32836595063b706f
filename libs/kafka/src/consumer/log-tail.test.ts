import { expect, test } from 'vitest';
import type { GroupMember } from './group-member.js';
import { inGroupsOfTheirOwn } from './log-tail.js';

test('each client of a tail has a group of its own: none waits for the ghost of the one before', () => {
  const opened: string[] = [];
  const groups: string[] = [];
  const open = inGroupsOfTheirOwn(({ groupId }) => {
    opened.push(groupId);
    return {} as GroupMember;
  }, groups);
  const settings = { groupId: 'tail', topics: [], maxWaitMs: 1, maxPartitionBytes: 1, partitionsConcurrently: 1, sessionTimeoutMs: 1 };
  const handlers = { onJoined: () => {}, onRebalancing: () => {}, onBatch: async () => {}, onAlive: () => {}, onCrash: () => {} };
  for (let client = 0; client < 3; client++) open(settings, handlers);
  expect(new Set(opened).size).toBe(3);
  expect(groups).toEqual(opened);
});
