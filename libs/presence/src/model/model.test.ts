import fc from 'fast-check';
import { expect, it } from 'vitest';
import { step, vehicles } from './model-step.fixture.js';
import { World } from './model-world.fixture.js';

it('any interleaving, repetition and order across nodes ends with the truth, and no alert on the way is false', () => {
  const expected = { online: 'online', parked: 'parked', lost: 'offline' } as const;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const world = new World();
      for (const one of steps) world.take(one);
      world.end();
      for (const vehicle of vehicles) {
        const truth = world.truth.get(vehicle);
        expect(world.log.state(vehicle), vehicle).toBe(truth === undefined ? 'unknown' : expected[truth]);
        expect(world.log.alerts(vehicle).includes('offline'), `alert of ${vehicle}`).toBe(truth === 'lost');
      }
    }),
    { numRuns: 200 },
  );
}, 30_000);
