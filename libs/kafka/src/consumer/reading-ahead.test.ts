import { describe, expect, test } from 'vitest';
import { offsets, startConsumer, turn } from './batch-consumer.fixture.js';
import type { BatchOutcome, RecordBatch } from './handler-batch.js';

/** A consumer that reads ahead, whose caller is with each batch until the test says what became of it. */
async function startHolding(log: { start: bigint; end: bigint } = { start: 0n, end: 100n }) {
  const held: { batch: RecordBatch; settle(outcome: BatchOutcome): void; fail(error: Error): void }[] = [];
  const started = await startConsumer(
    {
      readAhead: true,
      onBatch: (batch) => new Promise((settle, fail) => void held.push({ batch, settle, fail })),
    },
    log,
  );
  started.member.join(0, 1);
  await turn();
  /** Whether kafkajs may fetch on. */
  const fetch = (...records: number[]) => {
    const fetched = { mayGoOn: false };
    void started.member.fetch(0, ...records).then(() => {
      fetched.mayGoOn = true;
    });
    return fetched;
  };
  return { ...started, held, fetch, inHand: () => held.map(({ batch }) => offsets(batch)) };
}

const done = { kind: 'done' } as const;

describe('where the log has more', () => {
  test('the next batch is fetched while the caller is with one, and comes to it when that is done', async () => {
    const { member, held, fetch, inHand } = await startHolding();
    const first = fetch(10, 11);
    await turn();
    expect(first.mayGoOn).toBe(true);
    expect(member.resolved).toEqual([11n]);

    const second = fetch(12, 13);
    await turn();
    expect([inHand(), second.mayGoOn]).toEqual([[[10, 11]], false]);
    held[0]?.settle(done);
    await turn();
    expect([inHand(), second.mayGoOn]).toEqual([
      [
        [10, 11],
        [12, 13],
      ],
      true,
    ]);
    expect(member.resolved).toEqual([11n, 13n]);
  });

  test('other partitions wait for none of it', async () => {
    const { member, fetch, inHand } = await startHolding();
    fetch(10);
    fetch(11);
    void member.fetch(1, 10);
    await turn();
    expect(inHand()).toEqual([[10], [10]]);
  });

  test('what was read ahead of a batch that is not stored is read again behind it', async () => {
    const { member, held, fetch, inHand } = await startHolding();
    fetch(10, 11);
    await turn();
    const ahead = fetch(12, 13);
    held[0]?.settle({ kind: 'reposition' });
    await turn();
    await turn();
    expect([inHand(), ahead.mayGoOn, member.seeks.get(0)]).toEqual([[[10, 11]], true, 10n]);
    expect(member.resolved).toEqual([11n]);
    fetch(10, 11);
    await turn();
    expect(inHand()).toEqual([
      [10, 11],
      [10, 11],
    ]);
  });

  test('likewise where the log has a gap in front of it', async () => {
    const { held, fetch, inHand } = await startHolding();
    fetch(20);
    await turn();
    fetch(20);
    await turn();
    expect(inHand()).toEqual([[20]]);
    fetch(21);
    held[0]?.settle({ kind: 'reposition' });
    await turn();
    await turn();
    expect(inHand()).toEqual([[20]]);
    fetch(20);
    await turn();
    fetch(20);
    await turn();
    expect(inHand()).toEqual([[20], [20]]);
  });

  test('likewise where a rebalance was found by its heartbeat, of which kafkajs hears at the next', async () => {
    const { held, fetch, inHand, fatal } = await startHolding();
    fetch(10);
    await turn();
    const ahead = fetch(11);
    held[0]?.fail(Object.assign(new Error('rebalance'), { name: 'KafkaJSProtocolError', type: 'REBALANCE_IN_PROGRESS' }));
    await turn();
    await turn();
    expect([inHand(), ahead.mayGoOn, fatal]).toEqual([[[10]], true, []]);
  });

  test('what was read ahead in the assignment before is none of the next one, whose store says where it goes on', async () => {
    const { member, held, fetch, inHand } = await startHolding();
    fetch(10);
    await turn();
    const ahead = fetch(11);
    member.join(0);
    held[0]?.settle(done);
    await turn();
    await turn();
    expect([inHand(), ahead.mayGoOn]).toEqual([[[10]], true]);
  });

  test('an answer that was asked for behind what came to nothing is not believed, however late it comes', async () => {
    const { member, held, fetch, inHand } = await startHolding();
    fetch(10, 11);
    await turn();
    fetch(12);
    held[0]?.settle({ kind: 'reposition' });
    await turn();
    await turn();
    // Asked for before the seek, of a node that led the partition then.
    void member.answer(0, 12n, [12]);
    await turn();
    expect(inHand()).toEqual([[10, 11]]);
  });

  test('nor is it in the next assignment, whose store says that it came to nothing', async () => {
    const { member, held, fetch, inHand } = await startHolding();
    fetch(10, 11);
    await turn();
    member.join(0);
    held[0]?.settle(done);
    await turn();
    await turn();
    // Of two nodes that led the partition one after the other, and are slow.
    for (let late = 0; late < 2; late += 1) {
      void member.answer(0, 12n, [12]);
      await turn();
    }
    expect(inHand()).toEqual([[10, 11]]);
  });

  test('a batch of the assignment before, with which the caller never comes to an end, holds up none of the next', async () => {
    const { member, fetch, inHand } = await startHolding();
    fetch(10);
    await turn();
    member.join(0);
    await turn();
    expect(inHand()).toEqual([[10]]);
  });
});

test('at the end of the log kafkajs fetches on when all is done, so that what comes meanwhile comes together', async () => {
  const { member, held, fetch } = await startHolding();
  member.highWatermark = 12n;
  const last = fetch(10, 11);
  await turn();
  expect([last.mayGoOn, member.resolved]).toEqual([false, []]);
  held[0]?.settle(done);
  await turn();
  expect([last.mayGoOn, member.resolved]).toEqual([true, [11n]]);
});
