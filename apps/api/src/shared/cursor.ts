import { ApiProblem } from '../problems/problem.js';

/** What a place in a list is made of. Each reads back only what Postgres can compare. */
const parts = {
  instant: {
    write: (value: Date) => value.getTime(),
    // Years 0 to 9999.
    read: (value: unknown) =>
      typeof value === 'number' && Number.isInteger(value) && value >= -62_167_219_200_000 && value <= 253_402_300_799_999
        ? new Date(value)
        : undefined,
  },
  bigint: {
    write: (value: bigint) => value.toString(),
    read: (value: unknown) =>
      typeof value === 'string' && /^-?\d{1,19}$/.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value)
        ? BigInt(value)
        : undefined,
  },
  integer: {
    write: (value: number) => value,
    // Partitions and numbers of rows: none is negative.
    read: (value: unknown) => (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31 ? value : undefined),
  },
  text: {
    write: (value: string) => value,
    // Counted in code points, as names are: half of an emoji is none.
    read: (value: unknown) => (typeof value === 'string' && [...value].length <= 255 && !value.includes('\0') ? value : undefined),
  },
  uuid: {
    write: (value: string) => value,
    read: (value: unknown) => (typeof value === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(value) ? value : undefined),
  },
};

interface Values {
  instant: Date;
  bigint: bigint;
  integer: number;
  text: string;
  uuid: string;
}
type Shape = Readonly<Record<string, keyof Values>>;
type Place<S extends Shape> = { -readonly [K in keyof S]: Values[S[K]] };

/** The places of one kind of list, as opaque text. */
export interface CursorFormat<P> {
  write(place: P): string;
  /** @throws ApiProblem `invalid_cursor` for anything that `write` of this list did not make. */
  read(text: string): P;
}

/**
 * A cursor is the sort key of the last item of a page: the next page begins behind it, whatever was inserted meanwhile.
 * Not signed: it opens nothing that the key does not.
 */
export function cursorFormat<const S extends Shape>(list: string, shape: S): CursorFormat<Place<S>> {
  const names = Object.keys(shape);
  return {
    write: (place) => {
      const values = names.map((name) => (parts[shape[name] as keyof Values].write as (value: unknown) => unknown)(place[name as keyof S]));
      return Buffer.from(JSON.stringify([list, ...values])).toString('base64url');
    },
    read: (text) => {
      const values = arrayIn(text);
      if (values?.length !== names.length + 1 || values[0] !== list) throw invalidCursor();
      const entries = names.map((name, index) => [name, parts[shape[name] as keyof Values].read(values[index + 1])] as const);
      if (entries.some(([, value]) => value === undefined)) throw invalidCursor();
      return Object.fromEntries(entries) as Place<S>;
    },
  };
}

function arrayIn(text: string): unknown[] | undefined {
  try {
    const bytes = Buffer.from(text, 'base64url');
    // The decoder skips what is not base64url: a damaged cursor must not pass for another.
    if (bytes.toString('base64url') !== text) return undefined;
    const value: unknown = JSON.parse(bytes.toString());
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function invalidCursor(): ApiProblem {
  const message = 'is not a cursor of this list; pass the nextCursor of an earlier page unchanged, or none for the first page';
  return new ApiProblem('invalid_cursor', `cursor: ${message}`, { errors: [{ parameter: 'cursor', code: 'invalid_cursor', message }] });
}
