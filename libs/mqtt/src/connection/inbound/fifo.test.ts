import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from './fifo.js';

it('a queue gives what was put into it in the order that it came, however puts and takes are mixed', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('push', 'push', 'drop'), { maxLength: 200 }), (steps) => {
      const queue = new Fifo<number>();
      const list: number[] = [];
      for (const [index, step] of steps.entries()) {
        if (step === 'push') {
          queue.push(index);
          list.push(index);
        } else {
          queue.drop();
          list.shift();
        }
        expect([queue.length, queue.first]).toEqual([list.length, list[0]]);
      }
      // What was taken off is not found any more, and everything else is.
      expect(steps.map((_, index) => queue.some((item) => item === index))).toEqual(steps.map((_, index) => list.includes(index)));
      const drained: number[] = [];
      queue.drain((item) => drained.push(item));
      expect([drained, queue.length, queue.first]).toEqual([list, 0, undefined]);
    }),
  );
});

it('a queue holds on to nothing that was taken off', () => {
  const queue = new Fifo<object>();
  for (let index = 0; index < 5; index++) queue.push({});
  for (let index = 0; index < 5; index++) queue.drop();
  expect(JSON.stringify(queue)).not.toContain('{}');
});
