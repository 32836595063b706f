import type { BoundStatement } from '@milepost/database';

/**
 * The statements of several batches of one topic as those of one: arrays are joined, and a value that stands for every row of its batch
 * becomes an array. The batches must have no vehicle in common, for a statement may write the row of a vehicle once only.
 * @param batches the statements of each, which are the same for all
 */
export function mergedStatements(batches: readonly (readonly BoundStatement[])[]): BoundStatement[] {
  const [first = []] = batches;
  return first.map(({ statement, values }, index) => {
    const all = batches.map((batch) => {
      const same = batch[index];
      if (same?.statement !== statement) throw new TypeError(`The batches do not all run ${statement.name}`);
      return same;
    });
    return {
      statement,
      values: values.map((value, place) => (statement.arrays.has(place) ? all.flatMap((one) => columnOf(one, place)) : value)),
    };
  });
}

function columnOf({ values }: BoundStatement, place: number): readonly unknown[] {
  const value = values[place];
  return Array.isArray(value) ? value : Array.from({ length: rowsOf(values) }, () => value);
}

function rowsOf([first]: readonly unknown[]): number {
  return Array.isArray(first) ? first.length : 0;
}
