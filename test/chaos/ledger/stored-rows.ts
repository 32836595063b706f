import type { Client } from 'pg';
import type { Kind } from './message.js';

export interface StoredRow {
  topic: Kind;
  vehicleId: string;
  sequence: number;
  recordedAt: number;
  latitude: number | null;
  longitude: number | null;
  /** In its partition of the log. */
  offset: number;
}

export interface LetterRow {
  vehicleId: string | null;
  offset: number;
  payload: Buffer;
  codes: string[];
  pointers: string[];
}

export interface RowHandlers {
  onRow(row: StoredRow): void;
  onLetter(row: LetterRow): void;
}

const PAGE_ROWS = 20_000;

const LOCATIONS = `
  select v.vehicle_id as "vehicleId", l.sequence::float8 as sequence, extract(epoch from l.recorded_at)::float8 * 1000 as "recordedAt",
         l.latitude, l.longitude, l.source_offset::float8 as offset
    from locations l join vehicles v on v.id = l.vehicle`;

const DIAGNOSTICS = `
  select v.vehicle_id as "vehicleId", d.sequence::float8 as sequence, extract(epoch from d.recorded_at)::float8 * 1000 as "recordedAt",
         (d.signals ->> 'Vehicle.CurrentLocation.Latitude')::float8 as latitude, null::float8 as longitude, d.source_offset::float8 as offset
    from diagnostics d join vehicles v on v.id = d.vehicle`;

const LATEST = `
  select v.vehicle_id as "vehicleId", p.sequence::float8 as sequence, extract(epoch from p.recorded_at)::float8 * 1000 as "recordedAt",
         p.latitude, p.longitude
    from latest_positions p join vehicles v on v.id = p.vehicle`;

const LETTERS = `
  select vehicle_id as "vehicleId", "offset"::float8 as offset, payload,
         array(select e ->> 'code' from jsonb_array_elements(errors) e) as codes,
         array(select e ->> 'pointer' from jsonb_array_elements(errors) e) as pointers
    from dead_letters`;

/** Every row that the pipeline has made of what vehicles sent, a page at a time. */
export async function readRows(database: Client, { onRow, onLetter }: RowHandlers): Promise<void> {
  await paged<StoredRow>(database, LOCATIONS, (row) => onRow({ ...rounded(row), topic: 'location' }));
  await paged<StoredRow>(database, DIAGNOSTICS, (row) => onRow({ ...rounded(row), topic: 'diagnostics' }));
  await paged<LetterRow>(database, LETTERS, onLetter);
}

/** The position that each vehicle is shown at. */
export async function readLatest(database: Client): Promise<Map<string, Omit<StoredRow, 'offset'>>> {
  const { rows } = await database.query<StoredRow>(LATEST);
  return new Map(rows.map((row) => [row.vehicleId, { ...rounded(row), topic: 'location' }]));
}

function rounded(row: StoredRow): StoredRow {
  return { ...row, recordedAt: Math.round(row.recordedAt) };
}

async function paged<Row extends object>(database: Client, query: string, onRow: (row: Row) => void): Promise<void> {
  await database.query(`begin; declare page no scroll cursor for ${query}`);
  for (;;) {
    const { rows } = await database.query<Row>(`fetch ${PAGE_ROWS} from page`);
    if (rows.length === 0) break;
    for (const row of rows) onRow(row);
  }
  await database.query('commit');
}
