import { eventually, type TestScope } from '@milepost/test-support';
import { Ledger } from './ledger.js';
import type { Pipeline } from './pipeline.js';
import { StubbornVehicle } from './stubborn-vehicle.js';

/** All vehicles publish in the same moment, so that the broker has many messages in hand when the first is acknowledged. */
const TICK_MS = 80;
const DRAIN_TIMEOUT_MS = 40_000;

export interface Load {
  ledger: Ledger;
  vehicles: StubbornVehicle[];
  /** One vehicle more, connected. It publishes nothing but what it is told to. */
  join(vehicleId: string): Promise<StubbornVehicle>;
  /** Until so many more are acknowledged. */
  flows(messages?: number): Promise<void>;
  /** No new messages; resolves when the last one is acknowledged. */
  drain(): Promise<void>;
}

/** Connected vehicles, each publishing 12.5 fixes a second until `drain`. */
export async function startLoad(scope: TestScope, pipeline: Pipeline, count: number): Promise<Load> {
  const ledger = new Ledger();
  const vehicles: StubbornVehicle[] = [];
  const join = async (vehicleId: string) => {
    const vehicle = new StubbornVehicle(await pipeline.identity(vehicleId), ledger);
    vehicles.push(vehicle);
    await vehicle.connect();
    return vehicle;
  };
  const publishing = await Promise.all(Array.from({ length: count }, (_, n) => join(`truck-${n}`)));
  const ticking = setInterval(() => {
    for (const vehicle of publishing) vehicle.publishNext();
  }, TICK_MS);
  const stop = () => clearInterval(ticking);
  scope.onEnd(() => {
    stop();
    for (const vehicle of vehicles) vehicle.vanish();
  });
  return {
    ledger,
    vehicles,
    join,
    flows: async (messages = 300) => {
      const goal = ledger.acknowledged + messages;
      await eventually(
        () => {
          if (ledger.acknowledged < goal) throw new Error(`${ledger.acknowledged} of ${goal} messages are acknowledged`);
        },
        { timeoutMs: 30_000 },
      );
    },
    drain: async () => {
      stop();
      await eventually(
        () => {
          const waiting = vehicles.filter(({ unacknowledged }) => unacknowledged > 0);
          if (waiting.length > 0) throw new Error(`${waiting.length} vehicles still wait for an acknowledgement`);
        },
        { timeoutMs: DRAIN_TIMEOUT_MS },
      );
    },
  };
}
