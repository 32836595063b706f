import type { TestDatabase } from '@milepost/test-support';

/** One message of a vehicle under load: a fix that can be stored, or one that must become a dead letter. */
export interface SentItem {
  vehicleId: string;
  sequence: number;
  recordedAt: number;
  latitude: number;
  longitude: number;
}

/** Every list names what breaks the law, its first ones at least; all of them empty is the law. Items are named `vehicle/sequence`. */
export interface Audit {
  /** Sent, and never acknowledged although it was sent again and again. */
  unacknowledged: string[];
  /** Acknowledged, and neither stored nor a dead letter. */
  lost: string[];
  storedTwice: string[];
  /** Stored as something else than it was sent as; or stored and never sent, or a dead letter without a fault. */
  invented: string[];
  /** Vehicles whose latest position is not their newest fix. */
  wrongLatest: string[];
}

export const lawful: Audit = { unacknowledged: [], lost: [], storedTwice: [], invented: [], wrongLatest: [] };

const SHOWN = 10;
const shortened = (names: string[]) => (names.length > SHOWN ? [...names.slice(0, SHOWN), `… ${names.length} in all`] : names);
const nameOf = ({ vehicleId, sequence }: Pick<SentItem, 'vehicleId' | 'sequence'>) => `${vehicleId}/${sequence}`;
export const isStorable = ({ latitude }: Pick<SentItem, 'latitude'>) => latitude <= 90;

/** What vehicles sent, and what they were told about it. */
export class Ledger {
  readonly #sent = new Map<string, SentItem>();
  readonly #acknowledged = new Set<string>();
  #listener: (() => void) | undefined;

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  sent(item: SentItem): void {
    this.#sent.set(nameOf(item), item);
  }

  acknowledge(item: SentItem): void {
    this.#acknowledged.add(nameOf(item));
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.();
  }

  /** Acts in the very moment at which a vehicle is told that the next one is safe: whoever lied about it is caught with it in hand. */
  atNextAcknowledgement(act: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#listener = () => {
        act();
        resolve();
      };
    });
  }

  /** Compares with what Postgres holds. */
  async audit(database: TestDatabase): Promise<Audit> {
    const stored = await storedItems(database);
    const letters = await deadLetters(database);
    const counts = new Map<string, number>();
    for (const item of stored) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
    const isSafe = (item: SentItem) => (isStorable(item) ? counts.has(nameOf(item)) : letters.has(nameOf(item)));
    const sent = [...this.#sent.values()];
    return {
      unacknowledged: shortened(sent.map(nameOf).filter((name) => !this.#acknowledged.has(name))),
      lost: shortened(sent.filter((item) => this.#acknowledged.has(nameOf(item)) && !isSafe(item)).map(nameOf)),
      storedTwice: shortened([...counts].filter(([, count]) => count > 1).map(([name]) => name)),
      invented: shortened([
        ...stored.filter((item) => !isSame(item, this.#sent.get(nameOf(item)))).map(nameOf),
        ...[...letters].filter((name) => isStorable(this.#sent.get(name) ?? { latitude: 0 })),
      ]),
      wrongLatest: shortened(await this.#wrongLatest(database)),
    };
  }

  async #wrongLatest(database: TestDatabase): Promise<string[]> {
    const newest = new Map<string, SentItem>();
    for (const item of this.#sent.values()) {
      const before = newest.get(item.vehicleId);
      if (isStorable(item) && (before === undefined || item.recordedAt > before.recordedAt)) newest.set(item.vehicleId, item);
    }
    const { rows } = await database.owner.query<{ vehicle_id: string; sequence: string | null }>(
      'select vehicle_id, sequence from latest_positions p join vehicles v on v.id = p.vehicle',
    );
    const latest = new Map(rows.map(({ vehicle_id, sequence }) => [vehicle_id, Number(sequence)]));
    return [...newest.values()].filter(({ vehicleId, sequence }) => latest.get(vehicleId) !== sequence).map(({ vehicleId }) => vehicleId);
  }
}

async function storedItems(database: TestDatabase): Promise<SentItem[]> {
  const { rows } = await database.owner.query<Omit<SentItem, 'recordedAt'> & { recordedAt: Date }>(
    `select v.vehicle_id as "vehicleId", l.sequence::int as sequence, l.recorded_at as "recordedAt", l.latitude, l.longitude
       from locations l join vehicles v on v.id = l.vehicle`,
  );
  return rows.map((row) => ({ ...row, recordedAt: row.recordedAt.getTime() }));
}

/** A message that its vehicle sent again is a record of its own, and again a dead letter: they count once. */
async function deadLetters(database: TestDatabase): Promise<Set<string>> {
  const { rows } = await database.owner.query<{ vehicle_id: string; payload: Buffer }>('select vehicle_id, payload from dead_letters');
  return new Set(
    rows.map(({ vehicle_id, payload }) =>
      nameOf({ vehicleId: vehicle_id, sequence: (JSON.parse(payload.toString()) as SentItem).sequence }),
    ),
  );
}

function isSame(stored: SentItem, sent: SentItem | undefined): boolean {
  return (
    sent !== undefined &&
    isStorable(sent) &&
    stored.recordedAt === sent.recordedAt &&
    stored.latitude === sent.latitude &&
    stored.longitude === sent.longitude
  );
}
