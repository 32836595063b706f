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

  it('gives no more than it is asked for, and the rest later', () => {
    const queue = new DeadlineQueue();
    for (const id of ['a', 'b', 'c']) queue.arm(id, 1);
    expect(queue.takeDue(1, 2)).toHaveLength(2);
    expect(queue.takeDue(1, 2)).toHaveLength(1);
  });
});
