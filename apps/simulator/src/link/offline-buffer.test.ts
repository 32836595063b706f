import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OfflineBuffer } from './offline-buffer.js';

const never = new AbortController().signal;

describe('OfflineBuffer', () => {
  it('keeps what is not confirmed, in order', () => {
    const buffer = new OfflineBuffer<number>(10);
    for (const item of [1, 2, 3]) buffer.push(item);
    const batch = buffer.peek(2);
    expect(batch?.items).toEqual([1, 2]);
    expect(buffer.peek(10)?.items).toEqual([1, 2, 3]);
    if (batch) buffer.confirm(batch);
    expect(buffer.peek(10)?.items).toEqual([3]);
  });

  it('loses only what was pushed first, says how much, and forgets no newer item for a confirmation that comes late', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.constantFrom('push', 'take', 'confirm'), { maxLength: 60 }),
        (capacity, steps) => {
          const buffer = new OfflineBuffer<number>(capacity);
          const confirmed = new Set<number>();
          let batch: ReturnType<typeof buffer.peek>;
          let [pushed, lost] = [0, 0];
          for (const step of steps) {
            if (step === 'push') lost += buffer.push(pushed++);
            else if (step === 'take') batch = buffer.peek(3);
            else if (batch) {
              for (const item of batch.items) confirmed.add(item);
              buffer.confirm(batch);
              batch = undefined;
            }
          }
          const left = buffer.peek(capacity)?.items ?? [];
          expect(left).toEqual(Array.from({ length: left.length }, (_, index) => pushed - left.length + index));
          expect(left.length).toBeLessThanOrEqual(capacity);
          expect(left.filter((item) => confirmed.has(item))).toEqual([]);
          expect(pushed - lost - left.length).toBeLessThanOrEqual(confirmed.size);
        },
      ),
    );
  });

  it('wakes who waits for a change', async () => {
    const buffer = new OfflineBuffer<number>(1);
    const waiting = [buffer.changed(never), buffer.changed(never)];
    buffer.push(1);
    await Promise.all(waiting);
    await buffer.changed(AbortSignal.abort());
  });
});
