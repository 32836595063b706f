import type { PoolClient } from 'pg';
import { expect, it } from 'vitest';
import { GeofenceShapes } from './geofence-shapes.js';

/** A table of fences that counts what is read of it. */
function table(versions: Record<string, string>) {
  const read: string[][] = [];
  const query = async ({ values: [ids] }: { values: [string[]] }) => {
    read.push(ids);
    const rows = ids.flatMap((id) => (versions[id] === undefined ? [] : [{ id, version: versions[id], shape: { type: 'Circle', id } }]));
    return { rows };
  };
  return { read, versions, client: { query } as unknown as PoolClient };
}
const ask = async (shapes: GeofenceShapes, client: PoolClient, versions: Record<string, string>) => [
  ...(
    await shapes.of(
      client,
      Object.entries(versions).map(([id, version]) => ({ id, version })),
    )
  ).keys(),
];

it('a shape is read once for each version of its fence', async () => {
  const { client, read, versions } = table({ a: '1', b: '1' });
  const shapes = new GeofenceShapes();
  expect(await ask(shapes, client, { a: '1', b: '1' })).toEqual(['a', 'b']);
  expect(await ask(shapes, client, { a: '1', b: '1' })).toEqual(['a', 'b']);
  versions.b = '2';
  expect(await ask(shapes, client, { a: '1', b: '2' })).toEqual(['a', 'b']);
  expect(read).toEqual([['a', 'b'], ['b']]);
});

it('a fence that was changed or deleted since it was listed has no shape', async () => {
  const { client } = table({ changed: '2' });
  expect(await ask(new GeofenceShapes(), client, { changed: '1', deleted: '1' })).toEqual([]);
});

it('more than the limit are answered, and those that were asked for last are kept', async () => {
  const { client, read } = table({ a: '1', b: '1', c: '1' });
  const shapes = new GeofenceShapes(2);
  expect(await ask(shapes, client, { a: '1', b: '1', c: '1' })).toEqual(['a', 'b', 'c']);
  await ask(shapes, client, { b: '1', c: '1' });
  await ask(shapes, client, { a: '1' });
  expect(read).toEqual([['a', 'b', 'c'], ['a']]);
});
