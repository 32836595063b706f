import type { BoundStatement } from '@milepost/database';

/**
 * The statements of several batches of one topic as those of one: arrays are joined, and a value that stands for every row of its batch
 * becomes an array. The batches must have no vehicle in common, for a statement may write the row of a vehicle once only.
 * @param batches the statements of each, which are the same for all
 */
export function mergedStatements(batches: readonly (readonly BoundStatement[])[]): BoundStatement[] {
  const [first = []] = batches;
  if (batches.length === 1) return [...first];
  return first.map(({ statement, values }, index) => {
    const all = batches.map((batch) => {
      const same = batch[index];
      if (same?.statement !== statement) throw new TypeError(`The batches do not all run ${statement.name}`);
      return same;
    });
    return {
      statement,
      values: values.map((value, place) => (statement.arrays.has(place) ? joined(all, place) : value)),
    };
  });
}

function joined(all: readonly BoundStatement[], place: number): unknown[] {
  const column: unknown[] = [];
  for (const { values } of all) {
    const value = values[place];
    if (Array.isArray(value)) for (const element of value) column.push(element);
    else for (let row = rowsOf(values); row > 0; row -= 1) column.push(value);
  }
  return column;
}

function rowsOf([first]: readonly unknown[]): number {
  return Array.isArray(first) ? first.length : 0;
}
