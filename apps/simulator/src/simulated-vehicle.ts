import type { SimulatorConfig } from './config.js';
import type { VehicleLink } from './link/vehicle-link.js';
import { FaultMemory } from './motion/fault-memory.js';
import { diagnosticsReport, locationReport } from './motion/reports.js';
import { Truck } from './motion/truck.js';
import type { Random } from './random.js';

/** Reports are rarer while the engine is off. */
const engineOffFactor = 10;
const harshBrakingProbability = 0.0003;
/** A longer one runs out at once. */
const maxTimerMs = 2 ** 31 - 1;

type Settings = Pick<
  SimulatorConfig,
  'REPORT_INTERVAL_MS' | 'DIAGNOSTICS_INTERVAL_MS' | 'NETWORK_LOSS_SHARE' | 'NETWORK_LOSS_EVERY_S' | 'NETWORK_LOSS_SECONDS'
>;

/** A truck that drives by the wall clock, and its unit that reports. The unit records also while the line is down. */
export class SimulatedVehicle {
  readonly #link: VehicleLink;
  readonly #settings: Settings;
  readonly #random: Random;
  readonly #truck: Truck;
  readonly #faults: FaultMemory;
  readonly #losesNetwork: boolean;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #running: Promise<void> | undefined;
  #sequence = { location: 0, diagnostics: 0 };
  #advancedAtMs = Date.now();

  constructor(link: VehicleLink, settings: Settings, random: Random) {
    this.#link = link;
    this.#settings = settings;
    this.#random = random;
    this.#truck = new Truck(random.fork('truck'));
    this.#faults = new FaultMemory(random.fork('faults'));
    this.#losesNetwork = random.chance(settings.NETWORK_LOSS_SHARE);
  }

  start(): void {
    this.#advancedAtMs = Date.now();
    this.#running = this.#link.run();
    const { REPORT_INTERVAL_MS, DIAGNOSTICS_INTERVAL_MS, NETWORK_LOSS_EVERY_S, NETWORK_LOSS_SECONDS } = this.#settings;
    this.#every(
      'location',
      () => {
        this.#reportLocation();
        return this.#truck.state.ignition ? REPORT_INTERVAL_MS : REPORT_INTERVAL_MS * engineOffFactor;
      },
      this.#random.between(0, REPORT_INTERVAL_MS),
    );
    this.#every(
      'diagnostics',
      () => {
        this.#reportDiagnostics();
        return DIAGNOSTICS_INTERVAL_MS;
      },
      this.#random.between(0, DIAGNOSTICS_INTERVAL_MS),
    );
    if (!this.#losesNetwork) return;
    // Of its own: how often the others are asked depends on the clock, and the same seed is to give the same losses.
    const random = this.#random.fork('network');
    const untilLossMs = () => random.exponential(NETWORK_LOSS_EVERY_S * 1_000);
    this.#every(
      'network',
      () => {
        const lossMs = random.exponential(NETWORK_LOSS_SECONDS * 1_000);
        this.#link.loseNetwork(lossMs);
        return lossMs + untilLossMs();
      },
      untilLossMs(),
    );
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await this.#link.stop();
    await this.#running;
  }

  /** Repeats after the time that the work itself names. */
  #every(name: string, work: () => number, firstMs: number): void {
    const again = (ms: number) =>
      this.#timers.set(
        name,
        setTimeout(() => again(work()), Math.min(ms, maxTimerMs)),
      );
    again(firstMs);
  }

  #reportLocation(): void {
    const now = this.#advance();
    const braked = this.#truck.state.speedKph > 30 && this.#random.chance(harshBrakingProbability);
    this.#link.send('location', locationReport(this.#truck.state, now, this.#sequence.location++, braked));
  }

  #reportDiagnostics(): void {
    const now = this.#advance();
    this.#link.send('diagnostics', diagnosticsReport(this.#truck.state, this.#faults.report(), now, this.#sequence.diagnostics++));
  }

  #advance(): Date {
    const now = Date.now();
    // After the process stood still the truck does not leap.
    const seconds = Math.min(60, Math.max(0, (now - this.#advancedAtMs) / 1_000));
    this.#advancedAtMs = now;
    this.#truck.advance(seconds);
    this.#faults.advance(seconds);
    return new Date(now);
  }
}
