import { createLogger } from '@milepost/runtime';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { turn } from './batch-consumer.fixture.js';
import { createBatchConsumerOn } from './batch-consumer.js';
import type { GroupMember, GroupMemberHandlers } from './group-member.js';

const topic = 't';
const logger = createLogger({ app: 'test', level: 'silent' });

/** What becomes of a batch that the caller has: stored, not stored, or stored by another process up to a record of it. */
type Fate = 'done' | 'not-stored' | 'stored-by-another' | 'rebalance-heard';
interface Run {
  /** Offsets that are missing in front of each record. */
  gaps: number[];
  fetchRecords: number[];
  /** After so many others the answer to a fetch comes again, of a node that led the partition when it was asked; 0: it does not. */
  late: number[];
  fates: { fate: Fate; turns: number }[];
  readAhead: boolean;
}

const runs: fc.Arbitrary<Run> = fc.record({
  gaps: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 24,
  }),
  fetchRecords: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 }),
  late: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
  fates: fc.array(
    fc.record({
      fate: fc.constantFrom<Fate>('done', 'done', 'done', 'not-stored', 'stored-by-another', 'rebalance-heard'),
      turns: fc.nat(3),
    }),
    { maxLength: 12 },
  ),
  readAhead: fc.boolean(),
});

/** One partition, read as kafkajs reads it: from where the last seek or the last offset that is done with says, when the last batch was done with. */
async function read({ gaps, fetchRecords, late, fates, readAhead }: Run): Promise<{ log: bigint[]; stored: bigint[] }> {
  let last = -1n;
  const log = gaps.map((gap) => (last += BigInt(gap) + 1n));
  const end = last + 1n;
  const stored: bigint[] = [];
  let position = 0n;
  /** The fence: whose position is not the one that stands writes nothing. */
  const store = (records: readonly { offset: bigint }[], from: bigint, nextOffset: bigint) => {
    if (from !== position) return false;
    stored.push(...records.map(({ offset }) => offset));
    position = nextOffset;
    return true;
  };

  let seekTo: bigint | undefined;
  let fetchFrom = 0n;
  let handlers: GroupMemberHandlers | undefined;
  const member: GroupMember = {
    start: async () => undefined,
    holdAll: () => undefined,
    release: () => undefined,
    seek: (_, offset) => {
      seekTo = offset;
    },
    commit: async () => undefined,
    close: async () => undefined,
  };
  let expected: bigint | undefined;
  let withCaller = 0;
  const consumer = createBatchConsumerOn(
    (_, given) => {
      handlers = given;
      return member;
    },
    async () => new Map([[0, { start: 0n, end }]]),
    {
      groupId: 'g',
      topics: [topic],
      logger,
      readAhead,
      commitOffsets: false,
      positionOf: async () => {
        expected = undefined;
        return position;
      },
      onBatch: async (batch) => {
        withCaller += 1;
        expect(withCaller).toBe(1);
        const from = expected ?? position;
        const { fate, turns } = fates.shift() ?? { fate: 'done', turns: 0 };
        for (let n = 0; n < turns; n += 1) await turn();
        withCaller -= 1;
        if (fate === 'rebalance-heard') throw Object.assign(new Error('a node did not answer'), { name: 'KafkaJSRequestTimeoutError' });
        if (fate === 'not-stored') return { kind: 'reposition' };
        if (fate === 'stored-by-another') store(batch.records.slice(0, 1), position, batch.firstOffset + 1n);
        if (!store(batch.records, from, batch.nextOffset)) return { kind: 'reposition' };
        expected = batch.nextOffset;
        return { kind: 'done' };
      },
      onFatal: (error) => {
        throw error;
      },
    },
  );
  await consumer.start();
  handlers?.onJoined([{ topic, partition: 0 }]);
  await turn();

  const heartbeat = async () => undefined;
  const resolve = (offset: bigint) => {
    fetchFrom = offset + 1n;
  };
  const answer = (offsets: readonly bigint[], askedFrom: bigint) => {
    const records = offsets.map((offset) => ({ topic, partition: 0, offset, key: null, value: null, headers: {}, timestampMs: 0 }));
    return handlers
      ?.onBatch({ topic, partition: 0, records, askedFrom, highWatermark: end, askedAtMs: 0, heartbeat, resolve })
      .catch(() => undefined);
  };
  const again = new Map<number, () => unknown>();
  for (let fetches = 0; position < end && fetches < 200; fetches += 1) {
    fetchFrom = seekTo ?? fetchFrom;
    seekTo = undefined;
    const askedFrom = fetchFrom;
    const wanted = fetchRecords[fetches % fetchRecords.length] ?? 1;
    const offsets = log.filter((offset) => offset >= askedFrom).slice(0, wanted);
    if (offsets.length === 0) await turn();
    else {
      const after = late[fetches % late.length] ?? 0;
      // One that is stored as a whole is waited behind for a while, and read again: nothing that could go wrong.
      const cameLate = () => ((offsets.at(-1) ?? 0n) < position ? undefined : answer(offsets, askedFrom));
      if (after > 0) again.set(fetches + after, cameLate);
      await answer(offsets, askedFrom);
    }
    await again.get(fetches)?.();
  }
  await consumer.stop({ timeoutMs: 100 });
  return { log, stored };
}

test('whatever becomes of batches, and wherever the log has gaps, each record is stored once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(runs, async (run) => {
      const { log, stored } = await read({ ...run, fates: [...run.fates] });
      expect(stored).toEqual(log);
    }),
    { numRuns: 120 },
  );
});
