import { createRequire } from 'node:module';
import { createBatchConsumer, createLogWriter, type LogWriter } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { eventually, type TestTopics, useTestScope } from '@milepost/test-support';
import { KafkaJSConnectionError } from 'kafkajs';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

const topic = 'fleet.diagnostics';
const logger = createLogger({ app: 'test', level: 'fatal' });
const scope = useTestScope();
let topics: TestTopics;
let writer: LogWriter;

beforeAll(async () => {
  topics = await scope.topics({ partitions: 3, level: 'fatal' });
  writer = createLogWriter(topics.connection, { logger });
  scope.onEnd(() => writer.close({ timeoutMs: 5_000 }));
});

/** A group that reads what is appended from here on. */
function group(groupId: string) {
  const positions = new Map<number, bigint>();
  const read = new Set<string>();
  const append = (value: string) =>
    Promise.all([0, 1, 2].map((partition) => writer.append({ topic, key: null, partition, value: Buffer.from(`${groupId} ${value}`) })));
  const member = async () => {
    const made = createBatchConsumer(topics.connection, {
      groupId,
      topics: [topic],
      logger,
      // Heartbeats each 3 s: a fetch tells of a leader before one tells of a rebalance.
      sessionTimeoutMs: 15_000,
      positionOf: async (_topic, partition) => positions.get(partition) ?? 'log-start',
      onBatch: async ({ records, partition, nextOffset, isStale }) => {
        if (isStale()) return { kind: 'reposition' };
        positions.set(partition, nextOffset);
        for (const { value } of records) if (value?.toString().startsWith(groupId)) read.add(`${partition} ${value.toString()}`);
        return { kind: 'done' };
      },
      onFatal: (error) => {
        throw error;
      },
    });
    await made.start();
    scope.onEnd(() => made.stop());
    return made;
  };
  return { read, append, member };
}

describe('where the answer to a SyncGroup is lost, kafkajs fetches on with the partitions of before: such a client is replaced', () => {
  test('after a rebalance', async () => {
    const { read, append, member } = group('rebalanced');
    await append('before');
    const answers = answersToSyncGroup();
    const first = await member();
    await eventually(() => expect(read.size).toBe(3), { timeoutMs: 30_000 });

    answers.loseNextOfFirstMember();
    const second = await member();
    await eventually(() => expect(answers.lost()).toBe(1), { timeoutMs: 30_000 });
    await eventually(() => expect([first.ready, second.ready]).toEqual([true, true]), { timeoutMs: 30_000 });
    await append('after');
    await eventually(() => expect(read.size).toBe(6), { timeoutMs: 30_000 });
  }, 120_000);

  test('when a leader has moved, for which it joins again, while another one leaves the group', async () => {
    const { read, append, member } = group('moved');
    await append('before');
    const answers = answersToSyncGroup();
    const first = await member();
    await eventually(() => expect(read.size).toBe(3), { timeoutMs: 30_000 });
    const second = await member();
    await eventually(() => expect([first.ready, second.ready]).toEqual([true, true]), { timeoutMs: 30_000 });

    answers.loseNextOfFirstMember();
    answers.moveLeadersWhenAnotherLeaves();
    await second.stop();
    await eventually(() => expect(answers.lost()).toBe(1), { timeoutMs: 30_000 });
    await append('after');
    await eventually(() => expect(read.size).toBe(6), { timeoutMs: 60_000 });
  }, 120_000);
});

/** Of the groups that clients of this process are in, from here on. The coordinator answers, and the member does not get it. */
function answersToSyncGroup() {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/broker/index.js') as {
    prototype: {
      syncGroup(request: { memberId: string }): Promise<object>;
      leaveGroup(request: object): Promise<object>;
      fetch(request: object): Promise<object>;
    };
  };
  const { syncGroup, leaveGroup, fetch } = prototype;
  onTestFinished(() => void Object.assign(prototype, { syncGroup, leaveGroup, fetch }));
  let firstMember: string | undefined;
  let firstBroker: object | undefined;
  let isArmed = false;
  let movesWhenOneLeaves = false;
  let hasMoved = false;
  let lost = 0;
  prototype.syncGroup = async function (request) {
    const answer = await syncGroup.call(this, request);
    firstMember ??= request.memberId;
    firstBroker ??= this;
    if (!isArmed || request.memberId !== firstMember) return answer;
    isArmed = false;
    lost += 1;
    throw new KafkaJSConnectionError('Connection closed before the answer came', {});
  };
  prototype.leaveGroup = function (request) {
    hasMoved = movesWhenOneLeaves;
    return leaveGroup.call(this, request);
  };
  prototype.fetch = async function (request) {
    if (!hasMoved || this !== firstBroker) return fetch.call(this, request);
    hasMoved = false;
    movesWhenOneLeaves = false;
    throw Object.assign(new Error('This server is not the leader for that topic-partition'), { type: 'NOT_LEADER_FOR_PARTITION' });
  };
  return {
    loseNextOfFirstMember: () => {
      isArmed = true;
    },
    /** So the first member is told at its next fetch. */
    moveLeadersWhenAnotherLeaves: () => {
      movesWhenOneLeaves = true;
    },
    lost: () => lost,
  };
}
