import { type Statement, sql } from '@milepost/database';
import type { QueryResultRow } from 'pg';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { type CursorFormat, cursorFormat } from './cursor.js';
import { maxPageBytes, type Page, pageOf, pageSizeOf, roomFor } from './page.js';
import { timeRangeOf } from './time-range.js';

const oldestDayStatement = sql('api/oldest-day');
const [lowest, highest] = [-(2n ** 63n), 2n ** 63n - 1n];

/** A place in a history: its time, and what decides between two of a millisecond. */
interface Place {
  at: Date;
  tie: bigint;
}

export interface HistoryQuery {
  from?: string;
  to?: string;
  limit?: number;
  cursor?: string;
}

type HistoryRow = QueryResultRow & { fits?: boolean };

interface HistoryOptions<Row extends HistoryRow, Item> {
  /** A table that is partitioned by day. */
  table: 'locations' | 'diagnostics' | 'status_reports';
  /** Takes vehicle, at, tie, to, limit; where the rows have values of any size, `maxPageBytes` too, and says of each row whether it fits. */
  statement: Statement;
  isOfAnySize?: boolean;
  item(row: Row, vehicleId: string): Item;
  place(row: Row): Place;
}

/** Reads a vehicle's history from the oldest on. */
export function historyReader<Row extends HistoryRow, Item>({
  table,
  statement,
  isOfAnySize = false,
  item,
  place,
}: HistoryOptions<Row, Item>) {
  const cursor = cursorFormat(table, { at: 'instant', tie: 'bigint' });

  return async (view: OrganisationView, vehicle: { id: number; vehicleId: string }, query: HistoryQuery): Promise<Page<Item>> => {
    const { from, to } = timeRangeOf(query);
    const size = pageSizeOf(query);
    const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
    if (after) await refuseExpired(view, table, cursor, after);
    // Behind everything of the millisecond before `from` is everything at `from` and later.
    const start = from && { at: new Date(from.getTime() - 1), tie: highest };
    const begin = after && (!start || after.at > start.at) ? after : start;
    const rows = await view.rows<Row>(statement, [
      vehicle.id,
      begin?.at.toISOString() ?? '-infinity',
      String(begin?.tie ?? lowest),
      to?.toISOString() ?? 'infinity',
      size + 1,
      ...(isOfAnySize ? [maxPageBytes] : []),
    ]);
    return pageOf(rows, roomFor(rows, size), { item: (row) => item(row, vehicle.vehicleId), cursor, place });
  };
}

/** To go on from the oldest day that is left would leave out what lay between, without a word. */
async function refuseExpired(view: OrganisationView, table: string, cursor: CursorFormat<Place>, after: Place): Promise<void> {
  const [row] = await view.rows<{ oldestDay: Date | null }>(oldestDayStatement, [table]);
  const oldest = row?.oldestDay;
  if (!oldest || after.at >= oldest) return;
  throw new ApiProblem(
    'cursor_expired',
    `The cursor stands at ${after.at.toISOString()}; what is kept begins at ${oldest.toISOString()}. Go on from oldestCursor, or ask again with from.`,
    { oldestCursor: cursor.write({ at: oldest, tie: lowest }) },
  );
}
