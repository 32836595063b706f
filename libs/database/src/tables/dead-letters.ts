import type { Pool } from 'pg';
import { sql } from '../statements/sql.js';

const list = sql('dead-letters/list');
const find = sql('dead-letters/find');

/** Where the record stands in its topic: what names a dead letter. */
export interface DeadLetterPosition {
  topic: string;
  partition: number;
  offset: bigint;
}

/** A dead letter as a list shows it. */
export interface DeadLetterEntry extends DeadLetterPosition {
  at: Date;
  vehicleId: string | null;
  organisation: string;
  errors: { code: string; pointer: string; message: string }[];
  errorCount: number;
  /** When a replay of it was stored as a whole. */
  resolvedAt: Date | null;
}

/** A record that could not be stored, as it was read. */
export interface DeadLetterRecord extends DeadLetterPosition {
  recordTimestamp: Date;
  recordKey: string | null;
  headers: Record<string, string | Buffer>;
  payload: Buffer;
}

type Row<T extends DeadLetterPosition> = Omit<T, 'offset'> & { offset: string };
type StoredHeaders = Record<string, string | { base64: string }>;

/** The newest first, of one organisation or of all; as the owner. */
export async function listDeadLetters(
  owner: Pool,
  { limit, organisation }: { limit: number; organisation?: string },
): Promise<DeadLetterEntry[]> {
  const { rows } = await owner.query<Row<DeadLetterEntry>>({ ...list, values: [limit, organisation ?? null] });
  return rows.map((row) => ({ ...row, offset: BigInt(row.offset) }));
}

/** As the owner. Undefined when there is none, or no longer: its 30 days are over. */
export async function findDeadLetter(owner: Pool, { topic, partition, offset }: DeadLetterPosition): Promise<DeadLetterRecord | undefined> {
  const { rows } = await owner.query<Row<DeadLetterRecord> & { headers: StoredHeaders }>({
    ...find,
    values: [topic, partition, String(offset)],
  });
  const [row] = rows;
  return row && { ...row, offset: BigInt(row.offset), headers: headersOf(row.headers) };
}

function headersOf(stored: StoredHeaders): Record<string, string | Buffer> {
  return Object.fromEntries(
    Object.entries(stored).map(([name, value]) => [name, typeof value === 'string' ? value : Buffer.from(value.base64, 'base64')]),
  );
}
