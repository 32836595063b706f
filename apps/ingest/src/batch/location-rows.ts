import { type BoundStatement, sql } from '@milepost/database';
import { type Fix, readLocation } from '../messages/location.js';
import { readPlainFixes } from '../messages/plain/read-plain-fixes.js';
import { ConditionFacts, factsOfFix } from './condition-facts.js';
import { Contacts } from './contacts.js';
import { isNewer } from './newest.js';
import { dayOf, type ItemSource, noFaults, type RowsContext, type TopicRows } from './topic-rows.js';

const insertLocations = sql('ingest/insert-locations');
const upsertLatestPositions = sql('ingest/upsert-latest-positions');

/** Fixes → locations, latest_positions. */
export class LocationRows implements TopicRows {
  readonly batches = true;
  readonly table = 'locations';
  readonly days = new Set<number>();
  readonly #contacts = new Contacts();
  readonly #conditions = new ConditionFacts('locations');
  readonly #fenced: ReadonlySet<number>;
  /** Row of each vehicle's newest fix that may become its position. */
  readonly #newest = new Map<number, number>();

  readonly #vehicle: number[] = [];
  readonly #organisation: number[] = [];
  readonly #recordedAt: number[] = [];
  readonly #identity: bigint[] = [];
  readonly #receivedAt: number[] = [];
  readonly #latitude: (number | null)[] = [];
  readonly #longitude: (number | null)[] = [];
  readonly #fixValid: boolean[] = [];
  readonly #clockSuspect: boolean[] = [];
  readonly #ignition: (boolean | null)[] = [];
  readonly #satellites: (number | null)[] = [];
  readonly #sequence: (number | null)[] = [];
  readonly #altitude: (number | null)[] = [];
  readonly #speed: (number | null)[] = [];
  readonly #heading: (number | null)[] = [];
  readonly #accuracy: (number | null)[] = [];
  readonly #hdop: (number | null)[] = [];
  readonly #odometer: (number | null)[] = [];
  readonly #fuelLevel: (number | null)[] = [];
  readonly #driver: (string | null)[] = [];
  readonly #events: (string | null)[] = [];
  readonly #attributes: (string | null)[] = [];
  readonly #offset: bigint[] = [];

  /** @param fenced organisations that have geofences */
  constructor(fenced: ReadonlySet<number>) {
    this.#fenced = fenced;
  }

  get count(): number {
    return this.#vehicle.length;
  }

  get weight(): number {
    return this.count + this.#conditions.count;
  }

  get vehicles(): Iterable<number> {
    return this.#contacts.vehicles;
  }

  add(sent: unknown, pointer: string, source: ItemSource) {
    const reading = readLocation(sent, pointer, source);
    if (!reading.ok) return reading.faults;
    this.#take(reading.item, source);
    return noFaults;
  }

  addPlain(payload: Buffer, source: ItemSource): boolean {
    const fixes = readPlainFixes(payload, source);
    if (fixes === undefined) return false;
    for (const fix of fixes) this.#take(fix, source);
    return true;
  }

  recordRead(source: ItemSource): void {
    this.#contacts.recordRead(source);
  }

  #take(fix: Fix, source: ItemSource): void {
    this.#append(fix, source);
    this.#contacts.itemRead(fix.recordedAtMs);
    for (const fact of factsOfFix(fix, this.#fenced.has(source.organisationId))) this.#conditions.add(fact, fix, source);
  }

  #append(fix: Fix, { vehicle, organisationId, receivedAtMs, offset }: ItemSource): void {
    const { fields } = fix;
    const row = this.#vehicle.push(vehicle) - 1;
    this.#organisation.push(organisationId);
    this.#recordedAt.push(fix.recordedAtMs);
    this.#identity.push(fix.identity);
    this.#receivedAt.push(receivedAtMs);
    this.#latitude.push(fields.latitude ?? null);
    this.#longitude.push(fields.longitude ?? null);
    this.#fixValid.push(fix.fixValid);
    this.#clockSuspect.push(fix.clockSuspect);
    this.#ignition.push(fields.ignition ?? null);
    this.#satellites.push(fields.satellites ?? null);
    this.#sequence.push(fields.sequence ?? null);
    this.#altitude.push(fields.altitudeM ?? null);
    this.#speed.push(fields.speedKph ?? null);
    this.#heading.push(fields.headingDeg ?? null);
    this.#accuracy.push(fields.accuracyM ?? null);
    this.#hdop.push(fields.hdop ?? null);
    this.#odometer.push(fields.odometerKm ?? null);
    this.#fuelLevel.push(fields.fuelLevelPct ?? null);
    this.#driver.push(fields.driverId ?? null);
    this.#events.push(fields.events === undefined ? null : JSON.stringify(fields.events));
    this.#attributes.push(fix.attributes);
    this.#offset.push(offset);
    this.days.add(dayOf(fix.recordedAtMs));
    if (fix.fixValid && !fix.clockSuspect && isNewer(fix, this.#moment(this.#newest.get(vehicle)))) this.#newest.set(vehicle, row);
  }

  #moment(row: number | undefined) {
    if (row === undefined) return undefined;
    const recordedAtMs = this.#recordedAt[row];
    const identity = this.#identity[row];
    return recordedAtMs === undefined || identity === undefined ? undefined : { recordedAtMs, identity };
  }

  conditions(): BoundStatement[] {
    return this.#conditions.statements();
  }

  statements({ partition, feedEpoch }: RowsContext): BoundStatement[] {
    const contacts = this.#contacts.all;
    const vehicles = contacts.map(({ vehicle }) => vehicle);
    const contactAt = contacts.map(({ receivedAtMs }) => receivedAtMs);
    const clockOffset = contacts.map(({ clockOffsetMs }) => clockOffsetMs);
    const newest = vehicles.map((vehicle) => this.#newest.get(vehicle));
    const ofNewest = <T>(column: readonly T[]) => newest.map((row) => (row === undefined ? null : column[row]));
    const details = [
      this.#ignition,
      this.#satellites,
      this.#sequence,
      this.#altitude,
      this.#speed,
      this.#heading,
      this.#accuracy,
      this.#hdop,
      this.#odometer,
      this.#fuelLevel,
      this.#driver,
      this.#events,
      this.#attributes,
    ];
    const insert: BoundStatement = {
      statement: insertLocations,
      values: [
        this.#vehicle,
        this.#organisation,
        this.#recordedAt,
        this.#identity,
        this.#receivedAt,
        this.#latitude,
        this.#longitude,
        this.#fixValid,
        this.#clockSuspect,
        ...details,
        this.#offset,
        partition,
        feedEpoch,
      ],
    };
    const position = [this.#recordedAt, this.#identity, this.#receivedAt, this.#latitude, this.#longitude, ...details];
    const latest: BoundStatement = {
      statement: upsertLatestPositions,
      values: [
        vehicles,
        contacts.map(({ organisationId }) => organisationId),
        contactAt,
        clockOffset,
        ...position.map((column) => ofNewest<unknown>(column)),
      ],
    };
    return [insert, latest];
  }
}
