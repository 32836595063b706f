import { setTimeout as delay } from 'node:timers/promises';
import { createLogger, type Logger } from '@milepost/runtime';
import { expect, test } from 'vitest';
import type { GroupMember, OpenGroupMember } from './group-member.js';
import { createGroupMembership } from './group-membership.js';

const settings = { groupId: 'g', topics: [], maxWaitMs: 1, maxPartitionBytes: 1, partitionsConcurrently: 1, sessionTimeoutMs: 1_000 };
const handlers = {
  onJoined: () => {},
  onRebalancing: () => {},
  onBatch: async () => {},
  onAbandoned: () => {},
  onKeptOut: () => {},
  onCrash: () => {},
};
const idle = { holdAll: () => {}, release: () => {}, seek: () => {}, commit: async () => {} };

test('a member that the watchdog gives up while it fails to start leaves one successor, not two', async () => {
  const inGroup = new Set<GroupMember>();
  let opened = 0;
  const open: OpenGroupMember = () => {
    const isFirst = opened++ === 0;
    const member: GroupMember = {
      ...idle,
      start: async () => {
        await delay(isFirst ? 60 : 0);
        if (isFirst) throw new Error('Request timed out');
        inGroup.add(member);
      },
      close: async () => {
        await delay(isFirst ? 80 : 0);
        inGroup.delete(member);
      },
    };
    return member;
  };
  const logger = createLogger({ app: 'test', level: 'silent' });
  const membership = createGroupMembership({ open, settings, handlers, logger, watchdogMs: 100 });
  membership.start();
  await delay(180);
  membership.stopWatching();
  await delay(200);
  expect(inGroup.size).toBe(1);
  expect(inGroup.has(membership.member as GroupMember)).toBe(true);
  await membership.leave();
});

test('a member that gets in after the watchdog gave it up is put out again: it would sit on partitions that nobody reads', async () => {
  const inGroup = new Set<GroupMember>();
  let opened = 0;
  const open: OpenGroupMember = () => {
    const isFirst = opened++ === 0;
    const member: GroupMember = {
      ...idle,
      start: async () => {
        // Kafka is silent, and answers when nobody waits any more.
        await delay(isFirst ? 250 : 0);
        inGroup.add(member);
      },
      close: async () => void inGroup.delete(member),
    };
    return member;
  };
  const logger = createLogger({ app: 'test', level: 'silent' });
  const membership = createGroupMembership({ open, settings, handlers, logger, watchdogMs: 100 });
  membership.start();
  await delay(150);
  membership.stopWatching();
  await delay(300);
  expect([...inGroup]).toEqual([membership.member]);
  await membership.leave();
});

test('a coordinator that is only loading is one quiet line without a stack; another reason is a warning with its error', async () => {
  const said: [level: string, event: unknown, hasStack: boolean][] = [];
  const note =
    (level: string) =>
    ({ event, err }: { event?: unknown; err?: unknown }) =>
      void said.push([level, event, err !== undefined]);
  const logger = { info: note('info'), warn: note('warn'), error: note('error') } as unknown as Logger;
  const loading = new Error("The coordinator is loading and hence can't process requests for this group");
  const reasons = [new Error('gave up', { cause: loading }), new Error('Connection timeout')];
  const open: OpenGroupMember = () => {
    const reason = reasons.shift();
    return { ...idle, start: async () => (reason === undefined ? undefined : Promise.reject(reason)), close: async () => {} };
  };
  const membership = createGroupMembership({ open, settings, handlers, logger, watchdogMs: 60_000 });
  membership.start();
  await expect
    .poll(() => said)
    .toEqual([
      ['info', 'kafka.consumer.waiting', false],
      ['warn', 'kafka.consumer.not-started', true],
    ]);
  membership.stopWatching();
  await membership.leave();
});
