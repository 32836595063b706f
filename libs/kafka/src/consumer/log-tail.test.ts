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
  const log = { start: 0, ends: [] as number[] };
  const members: FakeMember[] = [];
  const seen: number[] = [];
  const fatal: Error[] = [];
  const errors: string[] = [];
  const fetchTopicOffsets = async () => {
    const end = (log.ends.length > 1 ? log.ends.shift() : log.ends[0]) ?? 0;
    return [{ partition: 0, offset: String(end), high: String(end), low: String(log.start) }];
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
      ...{
        topic,
        from: 'start',
        logger: createLogger({ app: 'test', level: 'error', destination: { write: (line) => void errors.push(line) } }),
      },
      onRecord: ({ offset }) => void seen.push(Number(offset)),
      onFatal: (error) => void fatal.push(error),
    },
  );
  onTestFinished(() => tail.close());
  return { tail, log, members, seen, fatal, errors };
}

/** One that has its position, which is 0. */
async function startedTail() {
  const opened = openTail();
  const started = opened.tail.start();
  await expect.poll(() => opened.members.length).toBe(1);
  const [member] = opened.members;
  member?.join(0);
  await started;
  return { ...opened, member };
}

describe('a log that ends too early, as that of a node which leads no more and does not know it yet', () => {
  test('does not send a tail back to what it has handed over', async () => {
    const { tail, log, member, seen } = await startedTail();
    log.ends = [5];
    await member?.fetch(0, 0, 1, 2, 3, 4);
    log.ends = [3, 3, 5];
    member?.join(0);
    await expect.poll(() => tail.ready).toBe(true);
    expect(member?.seeks.get(0)).toBe(5n);
    expect([...tail.positions()]).toEqual([[0, 5n]]);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  test('is not all that a tail reads which is to look again', async () => {
    const { tail, log, member, seen } = await startedTail();
    log.ends = [2, 2, 2, 4];
    let isWhole = false;
    const read = tail.readToEnd({ lookAgain: true }).then(() => {
      isWhole = true;
    });
    await member?.fetch(0, 0, 1);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([isWhole, log.ends]).toEqual([false, [4]]);
    await member?.fetch(0, 2, 3);
    await read;
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  test('for good ends a tail that has read beyond it', async () => {
    const { log, member, fatal, tail } = await startedTail();
    await member?.fetch(0, 0, 1, 2);
    log.ends = [2];
    member?.join(0);
    await expect.poll(() => fatal).toMatchObject([{ code: 'position_beyond_log_end' }]);
    await expect(tail.readToEnd()).rejects.toMatchObject({ cause: { code: 'position_beyond_log_end' } });
  });
});

test('a tail whose records were deleted before it read them goes on at the start of the log: that is no error, as it is for a position of a store', async () => {
  const { log, member, errors } = await startedTail();
  log.start = 7;
  log.ends = [9];
  member?.join(0);
  await expect.poll(() => member?.seeks.get(0)).toBe(7n);
  expect(errors).toEqual([]);
});

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
    const { tail, log, member } = await startedTail();
    log.ends = [2];
    const read = expect(tail.readToEnd()).rejects.toMatchObject({ cause: denied });
    await turn();
    member?.handlers.onCrash(denied);
    await read;
    await expect(tail.readToEnd()).rejects.toMatchObject({ cause: denied });
  });
});
