import fc from 'fast-check';
import { describe, it } from 'vitest';
import { SessionWorld } from './session-world.fixture.js';

type Step = (world: SessionWorld) => void;

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(0, 1, 2).map(
        (qos): Step =>
          (world) =>
            world.deliver(qos as 0 | 1 | 2),
      ),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom(1, 2).map(
        (qos): Step =>
          (world) =>
            world.publish(qos as 1 | 2),
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.nat(9), fc.constantFrom('append', 'append', 'append', 'refuse', 'fail')).map(
        ([nth, how]): Step =>
          (world) =>
            world.decide(nth, how as 'append' | 'refuse' | 'fail'),
      ),
    },
    {
      weight: 4,
      arbitrary: fc.integer({ min: 1, max: 5 }).map(
        (lines): Step =>
          (world) =>
            world.keep(lines),
      ),
    },
    {
      weight: 5,
      arbitrary: fc.integer({ min: 1, max: 4 }).map(
        (packets): Step =>
          (world) =>
            world.answer(packets),
      ),
    },
    { weight: 2, arbitrary: fc.constant<Step>((world) => world.lose()) },
    {
      weight: 3,
      arbitrary: fc.integer({ min: 1, max: 6 }).map(
        (maximum): Step =>
          (world) =>
            world.connect(maximum),
      ),
    },
    { weight: 1, arbitrary: fc.constant<Step>((world) => world.restart()) },
  ),
  { maxLength: 150, size: 'max' },
);

describe.each([4, 5] as const)('any run of messages, outcomes, lost connections and restarts at protocol level %i', (version) => {
  it.each([false, true])(
    'QoS 2 arrives exactly once and QoS 1 at least once both ways, in order, within the Receive Maximum (journal: %s) [MQTT-4.3.2-3, MQTT-4.3.3-5, MQTT-4.4.0-1, MQTT-4.6.0-1, MQTT-4.9.0-1]',
    (journalled) => {
      fc.assert(
        fc.property(steps, (run) => {
          const world = new SessionWorld(version, journalled);
          world.connect(4);
          for (const step of run) step(world);
          world.settle();
        }),
        { numRuns: 150 },
      );
    },
  );
});
