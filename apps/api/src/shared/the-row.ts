/** The row of a statement that always answers with one; anything else is a bug. */
export function theRow<T>([row]: readonly T[]): T {
  if (row === undefined) throw new TypeError('A statement that always answers with a row answered with none');
  return row;
}
