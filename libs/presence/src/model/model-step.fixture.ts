import type { DisconnectCause } from '@milepost/contracts';
import fc from 'fast-check';

export const nodes = ['a', 'b', 'c'] as const;
export const vehicles = ['v1', 'v2', 'v3'] as const;
const noticed = ['taken_over', 'keepalive_timeout', 'network_error'] as const;

const causes: readonly DisconnectCause[] = [
  'client_disconnect',
  'client_disconnect_with_will',
  'keepalive_timeout',
  'network_error',
  'protocol_error',
  'refused_publish',
  'revoked',
  'certificate_expired',
];

/** What may happen next. */
export const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('connect' as const),
      vehicle: fc.constantFrom(...vehicles),
      node: fc.constantFrom(...nodes),
      willDelaySeconds: fc.constantFrom(undefined, 0, 120),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('leave' as const),
      vehicle: fc.constantFrom(...vehicles),
      cause: fc.constantFrom(...causes),
      at: fc.constantFrom('once', 'later'),
      endsSession: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('blip' as const), vehicle: fc.constantFrom(...vehicles), node: fc.constantFrom(...nodes) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), node: fc.constantFrom(...nodes), restarts: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('stall' as const),
      node: fc.constantFrom(...nodes),
      // Beyond the grace of those who are lost with their node, too.
      seconds: fc.oneof(fc.integer({ min: 4, max: 40 }), fc.integer({ min: 170, max: 200 })),
      // From the announcements to the lease behind them.
      announcingSeconds: fc.constantFrom(0, 2, 5),
      // While the node is silent, or between the announcements and the lease.
      leaves: fc.option(
        fc.record({ vehicle: fc.constantFrom(...vehicles), cause: fc.constantFrom('client_disconnect', ...causes), isSoon: fc.boolean() }),
      ),
      dies: fc.option(fc.constant(true as const), { freq: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('outage' as const), seconds: fc.integer({ min: 5, max: 600 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('repeat' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('will' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('notice' as const), which: fc.nat(), cause: fc.constantFrom(...noticed) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reload' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('setBack' as const), seconds: fc.constantFrom(3, 60, 3_600) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mute' as const), seconds: fc.integer({ min: 0, max: 300 }) }) },
);
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
