import { setTimeout as delay } from 'node:timers/promises';
import { topics } from '@milepost/contracts';
import { payloadHash } from '../ledger/payload-hash.js';
import { vehicleName } from '../size.js';
import type { Fault } from './fault.js';

const HOUR_MS = 3_600_000;
const STEP_MS = 4_000;

/** Far ahead (stored, never the latest), far behind, a little ahead (believed), and right again. */
const clockSteps: Fault = {
  name: 'clock-steps',
  does: 'the clocks of a third of the vehicles an hour ahead, two hours behind, 30 s ahead, and right again',
  targets: ['clocks'],
  inject: async ({ ledger }) => {
    for (const offsetMs of [HOUR_MS, -2 * HOUR_MS, 30_000, 0]) {
      await ledger.ask('stepClocks', { everyNth: 3, offsetMs });
      await delay(STEP_MS);
    }
  },
};

/** What no vehicle can send: records without a vehicle, or without an organisation, written past the broker. */
const ROGUE = [
  { fault: 'missing_key', key: null },
  { fault: 'missing_organisation', key: 'rogue' },
] as const;

const poison: Fault = {
  name: 'poison',
  does: 'one message of every kind that must be refused or become a dead letter',
  // A vehicle waits for each of its acknowledgements, and what is written past the broker must reach Kafka.
  targets: ['poison', 'kafka', 'postgres'],
  inject: async ({ system, ledger, number }) => {
    const names = ['poison', 'pending', 'refused'].map((name) => `${name}-${number}`);
    const [identity, pending, refused] = await system.identities(names);
    const [impostor] = await system.identities([vehicleName(0)], 'rival');
    if (!identity || !pending || !refused || !impostor) throw new Error('No certificates were issued');
    await system.register([
      [pending.vehicleId, 'pending'],
      [refused.vehicleId, 'refused'],
    ]);
    const strangers = [
      { identity: pending, fault: 'vehicle_pending' },
      { identity: refused, fault: 'vehicle_refused' },
      { identity: impostor, fault: 'wrong_organisation' },
    ];
    const rogues = ROGUE.map(({ fault, key }) => ({ fault, key, payload: JSON.stringify({ recordedAt: Date.now(), fault, number }) }));
    await ledger.ask('expectLetters', {
      letters: rogues.map(({ fault, key, payload }) => ({ vehicleId: key ?? '', hash: payloadHash(payload), fault })),
    });
    for (const { key, payload } of rogues) await system.append(topics.location, key, payload);
    const { wrong } = await ledger.ask('poison', { identity, round: number, strangers });
    if (wrong.length > 0) throw new Error(wrong.join('; '));
  },
};

export const vehicleFaults: readonly Fault[] = [clockSteps, poison];
