import { expect, test } from 'vitest';
import type { GroupMember } from './group-member.js';
import { inGroupsOfTheirOwn } from './log-tail.js';

const settings = { groupId: 'tail', topics: [], maxWaitMs: 1, maxPartitionBytes: 1, partitionsConcurrently: 1, sessionTimeoutMs: 1 };
const handlers = { onJoined: () => {}, onRebalancing: () => {}, onBatch: async () => {}, onAlive: () => {}, onCrash: () => {} };

/** Opens so many clients: the groups that they were in, and those that are remembered. */
function openedGroups(clients: number) {
  const opened: string[] = [];
  const groups: string[] = [];
  const open = inGroupsOfTheirOwn(({ groupId }) => {
    opened.push(groupId);
    return {} as GroupMember;
  }, groups);
  for (let client = 0; client < clients; client++) open(settings, handlers);
  return { opened, groups };
}

test('each client of a tail has a group of its own: none waits for the ghost of the one before', () => {
  const { opened, groups } = openedGroups(3);
  expect(new Set(opened).size).toBe(3);
  expect(groups).toEqual(opened);
});

test('a long outage, with a client every few seconds, leaves no more groups to delete than may still be there', () => {
  const { opened, groups } = openedGroups(1_000);
  expect(new Set(opened).size).toBe(1_000);
  expect(groups).toEqual(opened.slice(-10));
});
