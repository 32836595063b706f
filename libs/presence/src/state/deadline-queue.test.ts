import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeadlineQueue } from './deadline-queue.js';

describe('DeadlineQueue', () => {
  it('gives what is due in its order, whatever was armed, moved and disarmed before', () => {
    const operation = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), dueAtMs: fc.option(fc.integer({ min: 0, max: 50 })) });
    fc.assert(
      fc.property(fc.array(operation), fc.integer({ min: 0, max: 50 }), (operations, clockMs) => {
        const queue = new DeadlineQueue();
        const armed = new Map<string, number>();
        for (const { id, dueAtMs } of operations) {
          if (dueAtMs === null) {
            queue.disarm(id);
            armed.delete(id);
          } else {
            queue.arm(id, dueAtMs);
            armed.set(id, dueAtMs);
          }
        }
        const mayBeDue = queue.mayBeDue(clockMs);
        const taken = queue.takeDue(clockMs, 100);
        if (!mayBeDue) expect(taken).toEqual([]);
        expect([...taken].sort()).toEqual(
          [...armed]
            .filter(([, at]) => at <= clockMs)
            .map(([id]) => id)
            .sort(),
        );
        expect(taken.map((id) => armed.get(id))).toEqual(taken.map((id) => armed.get(id) ?? 0).sort((one, other) => one - other));
        expect(queue.takeDue(clockMs, 100)).toEqual([]);
      }),
    );
  });

  it('does not keep for ever what will be passed over', () => {
    const queue = new DeadlineQueue();
    queue.arm('a', 1);
    queue.disarm('a');
    expect(queue.mayBeDue(1)).toBe(true);
    for (let at = 2; at < 5_000; at += 1) queue.arm('b', at);
    expect(queue.mayBeDue(1)).toBe(false);
    expect(queue.takeDue(4_998, 100)).toEqual([]);
    expect(queue.takeDue(4_999, 100)).toEqual(['b']);
  });

  it('gives no more than it is asked for, and the rest later', () => {
    const queue = new DeadlineQueue();
    for (const id of ['a', 'b', 'c']) queue.arm(id, 1);
    expect(queue.takeDue(1, 2)).toHaveLength(2);
    expect(queue.takeDue(1, 2)).toHaveLength(1);
  });
});
