import { Journal } from './journal.js';
import type { OrderOf, Progress, StartOrder } from './orders.js';
import { type PoisonOutcome, sendPoison } from './poison.js';
import { type JournalRecord, lineOf } from './records.js';
import { type Stall, watchStalls } from './stalls.js';
import { Vehicle } from './vehicle.js';
import type { VehicleIdentity } from './vehicle-identity.js';

/** All that is due in one tick is noted together, synced once, and then sent. */
const TICK_MS = 20;
const CONNECT_AT_ONCE = 16;
const LEAST_STALL_MS = 100;
const JOINED_MESSAGES = 20;

/** The vehicles, their journal, and what they were told. */
export class Fleet {
  readonly #journal: Journal;
  readonly #order: StartOrder;
  readonly #vehicles: Vehicle[] = [];
  readonly #endWatch: () => void;
  #publishing: Vehicle[] = [];
  #acknowledged = 0;
  #lastAcknowledgedAt = Date.now();
  #stalls: Progress['stalls'] = [];
  #liftedAt = 0;
  #isDraining = false;
  #next = 0;

  constructor(order: StartOrder) {
    this.#order = order;
    this.#journal = new Journal(order.journalFile);
    this.#endWatch = watchStalls((stall) => this.stalled(stall));
  }

  async start(): Promise<void> {
    const vehicles = this.#order.vehicles.map((identity) => this.#add(identity));
    for (let at = 0; at < vehicles.length; at += CONNECT_AT_ONCE) {
      await Promise.all(vehicles.slice(at, at + CONNECT_AT_ONCE).map((vehicle) => vehicle.connect()));
    }
    this.#publishing = vehicles;
    void this.#publish();
  }

  /** What was told before is not told again. */
  progress(): Progress {
    const expected = this.#publishing.filter(({ isTaken }) => !isTaken);
    return {
      acknowledged: this.#acknowledged,
      lastAcknowledgedAt: this.#lastAcknowledgedAt,
      stalls: this.#stalls.splice(0),
      expected: expected.length,
      flowing: expected.filter(({ flowingSince }) => flowingSince > this.#liftedAt).length,
    };
  }

  /** The fault is over: what flows is counted anew from here. */
  lifted(): Progress {
    this.#liftedAt = Date.now();
    return this.progress();
  }

  takeAway(vehicles: readonly string[]): void {
    for (const vehicle of this.#named(vehicles)) {
      this.#note({ kind: 'taken', vehicle: vehicle.index, at: Date.now() });
      vehicle.vanish();
    }
  }

  /** They are on their way: whom the broker does not let in stays an alert, and its messages unacknowledged. */
  bringBack(vehicles: readonly string[]): void {
    for (const vehicle of this.#named(vehicles)) {
      this.#note({ kind: 'returned', vehicle: vehicle.index, at: Date.now() });
      vehicle.isTaken = false;
      void vehicle.connect();
    }
  }

  stepClocks({ everyNth, offsetMs }: OrderOf<'stepClocks'>): void {
    for (const vehicle of this.#publishing) if (vehicle.index % everyNth === 0) vehicle.clockOffsetMs = offsetMs;
  }

  /** This process, or one between the vehicles and the broker, did not get to what was there. */
  stalled({ from, to }: Stall): void {
    this.#note({ kind: 'stalled', from, to });
  }

  async join(identity: VehicleIdentity): Promise<void> {
    const vehicle = this.#add(identity);
    for (let n = 0; n < JOINED_MESSAGES; n += 1) vehicle.make(Date.now());
    await this.#journal.written();
    vehicle.publish();
    void vehicle.connect();
  }

  async expectLetters(letters: OrderOf<'expectLetters'>['letters']): Promise<void> {
    for (const { vehicleId, hash, fault } of letters) {
      const vehicle = this.#indexOf({ vehicleId, certificatePem: '', privateKeyPem: '' });
      this.#note({ kind: 'poison', vehicle, hash, fault });
      this.#note({ kind: 'poison-acknowledged', vehicle, hash, at: Date.now() });
    }
    await this.#journal.written();
  }

  poison({ identity, round, strangers }: OrderOf<'poison'>): Promise<PoisonOutcome> {
    const { mqttPort: port, caPem } = this.#order;
    const numbered = (one: VehicleIdentity) => ({ identity: one, vehicle: this.#indexOf(one) });
    return sendPoison({
      ...numbered(identity),
      strangers: strangers.map((stranger) => ({ ...numbered(stranger.identity), fault: stranger.fault })),
      ...{ round, port, caPem },
      note: (record) => this.#note(record),
      written: () => this.#journal.written(),
    });
  }

  /** What was noted so far is on disk. */
  written(): Promise<void> {
    return this.#journal.written();
  }

  async drain(timeoutMs: number): Promise<number> {
    this.#isDraining = true;
    const unacknowledged = () => this.#vehicles.reduce((sum, vehicle) => sum + vehicle.unacknowledged, 0);
    for (const deadline = Date.now() + timeoutMs; unacknowledged() > 0 && Date.now() < deadline; ) await pause(50);
    await this.#journal.written();
    return unacknowledged();
  }

  async end(): Promise<void> {
    this.#isDraining = true;
    await Promise.all(this.#vehicles.map((vehicle) => vehicle.leave()));
    this.#endWatch();
    await this.#journal.close();
  }

  #add(identity: VehicleIdentity): Vehicle {
    const { mqttPort: port, caPem } = this.#order;
    const vehicle = new Vehicle({
      index: this.#vehicles.length,
      ...{ identity, port, caPem },
      note: (record) => this.#note(record),
      onAcknowledged: () => this.#onAcknowledged(),
    });
    this.#vehicles.push(vehicle);
    return vehicle;
  }

  /** Of a vehicle that is known, or of a new one. */
  #indexOf(identity: VehicleIdentity): number {
    return (this.#vehicles.find(({ vehicleId }) => vehicleId === identity.vehicleId) ?? this.#add(identity)).index;
  }

  #note(record: JournalRecord): void {
    this.#journal.note(lineOf(record));
  }

  #named(names: readonly string[]): Vehicle[] {
    return this.#vehicles.filter(({ vehicleId }) => names.includes(vehicleId));
  }

  #onAcknowledged(): void {
    const now = Date.now();
    if (now - this.#lastAcknowledgedAt > LEAST_STALL_MS) this.#stalls.push({ from: this.#lastAcknowledgedAt, to: now });
    this.#lastAcknowledgedAt = now;
    this.#acknowledged += 1;
  }

  /** Round robin at the wanted rate; what could not be made in time is made up for. A vehicle that is away makes messages all the same. */
  async #publish(): Promise<void> {
    const startedAt = performance.now();
    for (let made = 0; !this.#isDraining; ) {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * this.#order.rate);
      const now = Date.now();
      const touched = new Set<Vehicle>();
      for (; made < due; made += 1) {
        const vehicle = this.#publishing[this.#next++ % this.#publishing.length];
        if (vehicle === undefined) break;
        vehicle.make(now);
        touched.add(vehicle);
      }
      await this.#journal.written();
      for (const vehicle of touched) vehicle.publish();
      await pause(TICK_MS);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
