/**
 * Milliseconds since 1970 of what the schema let through: RFC 3339, or whole milliseconds. Finer fractions are cut off.
 * A leap second (`23:59:60`) is the second after it, as in Unix time.
 */
export function instantMs(value: string | number): number {
  if (typeof value === 'number') return value;
  const leap = /^(.{17})60/.exec(value);
  return leap ? Date.parse(`${leap[1]}59${value.slice(19)}`) + 1_000 : Date.parse(value);
}
