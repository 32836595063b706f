import Type from 'typebox';

// What the shapes are made of. Not exported from the package.
export const instant = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' });
/** A time that somebody says: one that Postgres and JavaScript both hold, so no leap second, and a year of our calendar. */
export const saidInstant = (description = 'RFC 3339, UTC') =>
  Type.String({ format: 'date-time', pattern: '^[12]\\d{3}-.{12}[0-5]', description });
export const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
export const optional = Type.Optional;
/** Postgres holds every character but U+0000. */
export const text = (maxLength: number) => Type.String({ maxLength, pattern: '^[^\\u0000]*$' });
