import Type from 'typebox';

// What the shapes are made of. Not exported from the package.
export const instant = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' });
/** A time that somebody says: one that Postgres and JavaScript both hold, so no leap second, and a year of our calendar. */
export const saidInstantPattern = '^[12]\\d{3}-.{12}[0-5]';
export const saidInstant = (description = 'RFC 3339, UTC') =>
  Type.String({ format: 'date-time', pattern: saidInstantPattern, description });
export const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
export const optional = Type.Optional;
/** Postgres holds every character but U+0000. */
export const textPattern = '^[^\\u0000]*$';
export const text = (maxLength: number) => Type.String({ maxLength, pattern: textPattern });
/** Of what an organisation names. */
export const namePattern = '^[^\\u0000-\\u001f]+$';
export const name = Type.String({ minLength: 1, maxLength: 128, pattern: namePattern });
