import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Item, Kind } from './message.js';
import { recordOf } from './records.js';
import type { Stall } from './stalls.js';

export interface JournalItem extends Item {
  topic: Kind;
  /** Undefined: no vehicle was told that it is safe. */
  acknowledgedAt?: number;
}

/** When a vehicle could be heard: from `from` to `to`; the last one is open until the end of the journal. */
export interface Contact {
  from: number;
  to?: number;
  /** It said goodbye: what follows is no outage. */
  left?: boolean;
}

export interface JournalVehicle {
  vehicleId: string;
  /** By sequence number. */
  items: JournalItem[];
  contacts: Contact[];
  /** Taken away on purpose while nothing else went on. */
  absences: { from: number; to?: number }[];
  /** Payload hash → the fault that its dead letter must have, and how often it was acknowledged. */
  poison: Map<string, { fault: string; acknowledged: number }>;
}

export interface Notes {
  vehicles: JournalVehicle[];
  /** In the order in which they began. */
  stalls: Stall[];
}

/** Everything that was noted, in memory: about 200 bytes an item. */
export async function readJournal(file: string): Promise<Notes> {
  const vehicles: JournalVehicle[] = [];
  const stalls: Stall[] = [];
  const vehicleOf = (index: number) => {
    const vehicle = vehicles[index];
    if (vehicle === undefined) throw new Error(`The journal speaks of vehicle ${index} before it names it`);
    return vehicle;
  };
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const record = recordOf(line);
    if (record.kind === 'vehicle') {
      vehicles[record.vehicle] = { vehicleId: record.vehicleId, items: [], contacts: [], absences: [], poison: new Map() };
      continue;
    }
    if (record.kind === 'stalled') {
      stalls.push({ from: record.from, to: record.to });
      continue;
    }
    const vehicle = vehicleOf(record.vehicle);
    const contact = vehicle.contacts.at(-1);
    switch (record.kind) {
      case 'sent':
        vehicle.items[record.item.sequence] = { ...record.item, topic: record.topic };
        break;
      case 'acknowledged':
        for (let sequence = record.sequence; sequence < record.sequence + record.count; sequence += 1) {
          const item = vehicle.items[sequence];
          if (item) item.acknowledgedAt ??= record.at;
        }
        break;
      case 'up':
        vehicle.contacts.push({ from: record.at });
        break;
      case 'down':
        if (contact) contact.to = record.heardAt;
        break;
      case 'left':
        if (contact) Object.assign(contact, { to: record.at, left: true });
        break;
      case 'taken':
        vehicle.absences.push({ from: record.at });
        break;
      case 'returned': {
        const absence = vehicle.absences.at(-1);
        if (absence) absence.to = record.at;
        break;
      }
      case 'poison':
        if (!vehicle.poison.has(record.hash)) vehicle.poison.set(record.hash, { fault: record.fault, acknowledged: 0 });
        break;
      case 'poison-acknowledged': {
        const poison = vehicle.poison.get(record.hash);
        if (poison) poison.acknowledged += 1;
        break;
      }
    }
  }
  return { vehicles, stalls: stalls.sort((a, b) => a.from - b.from) };
}
