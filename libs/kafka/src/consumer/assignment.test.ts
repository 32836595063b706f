import { describe, expect, test } from 'vitest';
import { startConsumer, turn } from './batch-consumer.fixture.js';
import type { RecordBatch } from './handler-batch.js';

describe('after an assignment', () => {
  test('nothing is fetched or processed before every position is set', async () => {
    let answer = (_position: bigint) => {};
    const position = new Promise<bigint>((resolve) => {
      answer = resolve;
    });
    const { consumer, member, batches } = await startConsumer({ positionOf: () => position });
    member.join(0, 1);
    await turn();
    expect([...member.held]).toEqual([0, 1]);
    await member.fetch(0, 10);
    expect(batches).toHaveLength(0);
    expect(consumer.ready).toBe(false);
    answer(10n);
    await turn();
    await turn();
    expect(member.held.size).toBe(0);
    expect(member.seeks).toEqual(
      new Map([
        [0, 10n],
        [1, 10n],
      ]),
    );
    expect(consumer.assigned()).toHaveLength(2);
  });

  test('pauses of the generation before are forgotten', async () => {
    const { member } = await startConsumer();
    member.join(0, 1);
    await turn();
    member.join(2);
    expect([...member.held]).toEqual([2]);
  });

  test('a batch that began under the assignment before is stale, and does not count', async () => {
    let batch: RecordBatch | undefined;
    let finish = () => {};
    const { member } = await startConsumer({
      onBatch: (given) => {
        batch = given;
        return new Promise((resolve) => {
          finish = () => resolve({ kind: 'done' });
        });
      },
    });
    member.join(0);
    await turn();
    await turn();
    const working = member.fetch(0, 10);
    await turn();
    expect(batch?.isStale()).toBe(false);
    member.handlers.onRebalancing();
    expect(batch?.isStale()).toBe(true);
    finish();
    await working;
    expect(member.resolved).toEqual([]);
  });

  test('a position below the log goes to its start, one above it is fatal', async () => {
    const below = await startConsumer({ positionOf: async () => 3n }, { start: 5n, end: 9n });
    below.member.join(0);
    await turn();
    expect(below.member.seeks.get(0)).toBe(5n);

    const above = await startConsumer({ positionOf: async () => 10n }, { start: 5n, end: 9n });
    above.member.join(0);
    await expect.poll(() => above.fatal).toMatchObject([{ code: 'position_beyond_log_end' }]);
    expect(above.consumer.ready).toBe(false);
  });

  test('a log that ends too early for once is looked at again: who leads no more may not know it yet', async () => {
    const ends = [9n, 9n, 12n];
    const { member, consumer, fatal } = await startConsumer({ positionOf: async () => 10n }, () => ({
      start: 5n,
      end: ends.shift() ?? 12n,
    }));
    member.join(0);
    await expect.poll(() => consumer.ready).toBe(true);
    expect(member.seeks.get(0)).toBe(10n);
    expect(fatal).toEqual([]);
  });

  test('partitions are held although their positions come late, when the next assignment is there by then', async () => {
    let assigned = (): void => undefined;
    const waits = [new Promise<void>((resolve) => (assigned = resolve)), new Promise<void>(() => undefined)];
    const { member, consumer } = await startConsumer({ onAssigned: () => waits.shift() });
    member.join(0);
    await turn();
    member.join(0, 1);
    assigned();
    await turn();
    expect([...member.held]).toEqual([0, 1]);
    expect(consumer.ready).toBe(false);
  });
});
