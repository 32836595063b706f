import type { ItemSource } from './topic-rows.js';

export interface Contact {
  vehicle: number;
  organisationId: number;
  /** Receive time of the newest record. */
  receivedAtMs: number;
  /** recordedAt − receivedAt of the newest item in it; null when none could be read. */
  clockOffsetMs: number | null;
}

/** When each vehicle of a batch was last heard. A record counts even if all of its items are dead letters: the vehicle is there. */
export class Contacts {
  readonly #byVehicle = new Map<number, Contact>();
  /** Of the record that is being read. */
  #newestRecordedAtMs: number | undefined;

  itemRead(recordedAtMs: number): void {
    if (this.#newestRecordedAtMs === undefined || recordedAtMs > this.#newestRecordedAtMs) this.#newestRecordedAtMs = recordedAtMs;
  }

  recordRead({ vehicle, organisationId, receivedAtMs }: ItemSource): void {
    const clockOffsetMs = this.#newestRecordedAtMs === undefined ? null : this.#newestRecordedAtMs - receivedAtMs;
    this.#newestRecordedAtMs = undefined;
    const contact = this.#byVehicle.get(vehicle);
    if (contact === undefined) this.#byVehicle.set(vehicle, { vehicle, organisationId, receivedAtMs, clockOffsetMs });
    else if (receivedAtMs >= contact.receivedAtMs) {
      contact.receivedAtMs = receivedAtMs;
      contact.clockOffsetMs = clockOffsetMs ?? contact.clockOffsetMs;
    }
  }

  get vehicles(): Iterable<number> {
    return this.#byVehicle.keys();
  }

  get all(): Contact[] {
    return [...this.#byVehicle.values()];
  }
}
