import { gte, lt, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import Type from 'typebox';
import { invalidParameter } from '../problems/problem.js';

/** Query parameters of every list that has a time. */
export const timeRangeQuery = {
  from: Type.Optional(
    Type.String({
      description: 'RFC 3339; inclusive; default: everything kept. A time before that is no error: the answer begins with what is kept',
      examples: ['2026-11-24T06:00:00Z'],
    }),
  ),
  to: Type.Optional(Type.String({ description: 'RFC 3339; exclusive; default: everything kept', examples: ['2026-11-24T07:00:00Z'] })),
};

export interface TimeRange {
  from?: Date;
  to?: Date;
}

const rfc3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

/** @throws ApiProblem naming the parameter that is wrong. */
export function timeRangeOf(query: { from?: string; to?: string }): TimeRange {
  const range: TimeRange = {};
  if (query.from !== undefined) range.from = instantIn('from', query.from);
  if (query.to !== undefined) range.to = instantIn('to', query.to);
  if (range.from && range.to && range.from > range.to) {
    throw invalidParameter('to', 'before_from', 'lies before from; the range is from (inclusive) to to (exclusive)');
  }
  return range;
}

/**
 * What an RFC 3339 text names; an invalid Date of any other text. Postgres is handed this rather than the text: it reads offsets to ±15:59 alone, and only so
 * many digits. Fractions of a millisecond are rounded up: of times in whole milliseconds that leaves `>=` and `<` as they were.
 */
export function instantOf(text: string): Date {
  const [, day, time, fraction = '', offset = ''] = rfc3339.exec(text) ?? [];
  const milliseconds = Number(fraction.slice(1, 4).padEnd(3, '0')) + (/[1-9]/.test(fraction.slice(4)) ? 1 : 0);
  return new Date(Date.parse(`${day}T${time}${offset.toUpperCase()}`) + milliseconds);
}

/** @throws ApiProblem naming the parameter, for what is no time. */
export function instantIn(parameter: string, text: string): Date {
  const at = instantOf(text);
  const day = text.slice(0, 10);
  // Date.parse takes 30 February for 2 March.
  const isCalendarDay = new Date(Date.parse(`${day}T00:00:00Z`)).toJSON()?.startsWith(day);
  // Years that Postgres does not take.
  const isOfOurCalendar = /^[1-9]\d{3}-/.test(at.toJSON() ?? '');
  if (!isOfOurCalendar || isCalendarDay !== true) {
    const remedy = text.includes(' ') ? ' In a URL the + of an offset is written %2B.' : '';
    throw invalidParameter(parameter, 'invalid_time', `is not an RFC 3339 time like 2026-11-24T06:00:00Z.${remedy}`);
  }
  return at;
}

/** The range as conditions on a column. */
export function withinRange(column: PgColumn, query: { from?: string; to?: string }): (SQL | undefined)[] {
  const { from, to } = timeRangeOf(query);
  return [from && gte(column, from), to && lt(column, to)];
}
