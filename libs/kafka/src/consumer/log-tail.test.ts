import { createLogger } from '@milepost/runtime';
import type { Admin } from 'kafkajs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FakeMember, topic, turn } from './batch-consumer.fixture.js';
import type { GroupMember } from './group-member.js';
import { createLogTailOn, inGroupsOfTheirOwn } from './log-tail.js';

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

/** A tail of one partition, of which the test plays the coordinator, the fetches and, by `log`, the extent. */
function openTail() {
  const log = { ends: [] as number[], asked: 0 };
  const members: FakeMember[] = [];
  const seen: number[] = [];
  const fatal: Error[] = [];
  const fetchTopicOffsets = async () => {
    log.asked += 1;
    const end = (log.ends.length > 1 ? log.ends.shift() : log.ends[0]) ?? 0;
    return [{ partition: 0, offset: String(end), high: String(end), low: '0' }];
  };
  const admin = { fetchTopicOffsets, deleteGroups: async () => [] } as unknown as Admin;
  const tail = createLogTailOn(
    (_settings, handlers) => {
      const member = new FakeMember(handlers);
      members.push(member);
      return member;
    },
    { askAdmin: (question) => question(admin), physicalTopic: (name) => name },
    {
      ...{ topic, logger: createLogger({ app: 'test', level: 'silent' }), from: 'start' },
      onRecord: ({ offset }) => void seen.push(Number(offset)),
      onFatal: (error) => void fatal.push(error),
    },
  );
  onTestFinished(() => tail.close());
  return { tail, log, members, seen, fatal };
}

/** A coordinator that refuses the client for good. */
const denied = Object.assign(new Error('not authorised'), { name: 'KafkaJSProtocolError', type: 'GROUP_AUTHORIZATION_FAILED' });

describe('a tail that cannot go on', () => {
  test('says so to whoever waits for its start', async () => {
    const { tail, members, fatal } = openTail();
    const started = expect(tail.start()).rejects.toMatchObject({ message: `Reading ${topic} was broken off`, cause: denied });
    await expect.poll(() => members.length).toBe(1);
    members[0]?.handlers.onCrash(denied);
    await started;
    expect(fatal).toEqual([denied]);
  });

  test('says so to whoever waits for the end of the log, then and later', async () => {
    const { tail, log, members } = openTail();
    log.ends = [2];
    const started = tail.start();
    await expect.poll(() => members.length).toBe(1);
    members[0]?.join(0);
    await started;
    const read = expect(tail.readToEnd()).rejects.toMatchObject({ cause: denied });
    await turn();
    members[0]?.handlers.onCrash(denied);
    await read;
    await expect(tail.readToEnd()).rejects.toMatchObject({ cause: denied });
  });
});
