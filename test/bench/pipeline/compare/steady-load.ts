// The load process of the faults: vehicles that publish one message after another and send again what was not acknowledged, through any outage.
import { BenchVehicle, type VehicleCredentials } from '../bench-vehicle.js';

export interface SteadyOrder {
  mqttPort: number;
  caPem: string;
  vehicles: VehicleCredentials[];
  /** Messages a second in all. */
  rate: number;
  seconds: number;
}

/** Of each vehicle every message up to `acknowledged` has been acknowledged, and no other. */
export type SteadyReport = { kind: 'connected' } | { kind: 'done'; acknowledged: number } | { kind: 'failed'; message: string };

const reconnectAfterMs = 300;
const ackTimeoutMs = 15_000;
/** How long the last message of a vehicle may wait for an acknowledgement. */
const patienceMs = 90_000;

process.once('message', (order: SteadyOrder) => {
  run(order)
    .catch((error: unknown) => report({ kind: 'failed', message: String(error) }))
    .finally(() => process.disconnect());
});

async function run({ vehicles, rate, seconds, ...connection }: SteadyOrder): Promise<void> {
  const drives = vehicles.map((credentials) => new Drive({ ...connection, credentials }));
  await Promise.all(drives.map((drive) => drive.connect()));
  report({ kind: 'connected' });
  const end = performance.now() + seconds * 1_000;
  const counts = await Promise.all(drives.map((drive) => drive.publishUntil(end, (vehicles.length / rate) * 1_000)));
  report({ kind: 'done', acknowledged: counts.reduce((a, b) => a + b, 0) });
}

/** One vehicle's messages, in order, each until it is acknowledged. */
class Drive {
  readonly #options: Pick<SteadyOrder, 'mqttPort' | 'caPem'> & { credentials: VehicleCredentials };
  #vehicle: BenchVehicle | undefined;
  /** Of the message that is under way. */
  #settle: ((acknowledged: boolean) => void) | undefined;

  constructor(options: Pick<SteadyOrder, 'mqttPort' | 'caPem'> & { credentials: VehicleCredentials }) {
    this.#options = options;
  }

  async connect(): Promise<void> {
    const { mqttPort: port, caPem, credentials } = this.#options;
    let connected: BenchVehicle | undefined;
    // Of one that was given up nothing counts any more.
    const isCurrent = (vehicle: BenchVehicle | undefined) => vehicle !== undefined && vehicle === this.#vehicle;
    connected = await BenchVehicle.connect({
      ...{ port, caPem, credentials },
      onAck: (vehicle) => {
        if (isCurrent(vehicle)) this.#settle?.(true);
      },
      onLost: () => {
        if (!isCurrent(connected)) return;
        this.#vehicle = undefined;
        this.#settle?.(false);
      },
    });
    this.#vehicle = connected;
  }

  /** Answers how many were acknowledged. */
  async publishUntil(endAt: number, everyMs: number): Promise<number> {
    let acknowledged = 0;
    for (let dueAt = performance.now(); performance.now() < endAt; dueAt += everyMs) {
      await delay(dueAt - performance.now());
      if (!(await this.#deliver(acknowledged + 1, endAt + patienceMs))) break;
      acknowledged += 1;
    }
    await this.#vehicle?.close();
    return acknowledged;
  }

  async #deliver(sequence: number, giveUpAt: number): Promise<boolean> {
    const payload = Buffer.from(JSON.stringify({ recordedAt: Date.now(), latitude: 52.5, longitude: 13.4, speedKph: 80, sequence }));
    while (performance.now() < giveUpAt) {
      if (this.#vehicle === undefined) await this.connect().catch(() => delay(reconnectAfterMs));
      if (this.#vehicle !== undefined && (await this.#publish(this.#vehicle, payload))) return true;
    }
    return false;
  }

  #publish(vehicle: BenchVehicle, payload: Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (acknowledged: boolean) => {
        clearTimeout(timer);
        this.#settle = undefined;
        resolve(acknowledged);
      };
      // An acknowledgement that is late must not count for the next message: the connection goes with it.
      const timer = setTimeout(() => {
        this.#vehicle = undefined;
        void vehicle.close();
        settle(false);
      }, ackTimeoutMs);
      this.#settle = settle;
      vehicle.publish(`fleet/${vehicle.id}/location`, payload);
    });
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

function report(message: SteadyReport): void {
  process.send?.(message);
}
