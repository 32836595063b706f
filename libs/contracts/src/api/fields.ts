import Type from 'typebox';

// What the shapes are made of. Not exported from the package.
export const instant = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' });
export const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
export const optional = Type.Optional;
/** Postgres holds every character but U+0000. */
export const text = (maxLength: number) => Type.String({ maxLength, pattern: '^[^\\u0000]*$' });
