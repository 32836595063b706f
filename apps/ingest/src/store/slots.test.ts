import { expect, it } from 'vitest';
import { Slots } from './slots.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it('runs as many at once as there are slots, the others in their order, and goes on after a failure', async () => {
  const slots = new Slots(2);
  const running: number[] = [];
  const ends: (() => void)[] = [];
  const work = (n: number) =>
    slots.run(async () => {
      running.push(n);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (n === 0) throw new Error('zero');
      return n;
    });
  const all = Promise.allSettled([0, 1, 2, 3].map(work));
  await turn();
  expect(running).toEqual([0, 1]);
  ends[0]?.();
  await turn();
  expect(running).toEqual([0, 1, 2]);
  ends[1]?.();
  ends[2]?.();
  await turn();
  expect(running).toEqual([0, 1, 2, 3]);
  ends[3]?.();
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
});
