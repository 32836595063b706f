import { customType, timestamp } from 'drizzle-orm/pg-core';

/** Rounded to milliseconds by the database, as the API shows it: a cursor made of it is exact. */
export const instant = <const Name extends string>(name: Name) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** To the microsecond, which JavaScript does not see: never part of a cursor. */
export const preciseInstant = <const Name extends string>(name: Name) => timestamp(name, { withTimezone: true, mode: 'date' });

export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

/** A transaction id of 64 bits, which does not wrap; text, for it may exceed what a number holds. */
export const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' });
