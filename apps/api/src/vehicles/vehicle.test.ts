import { expect, test } from 'vitest';
import type { OrganisationView } from '../database.js';
import { maxPageBytes } from '../shared/page.js';
import { vehiclesOf } from './vehicle.js';

const now = new Date();
const row = (id: number, bytes: number) => ({
  vehicleId: `v-${id}`,
  firstSeenAt: now,
  lastContactAt: now,
  since: now,
  signals: {},
  dtcs: [],
  bytes,
});

/** Answers as sql/api/vehicles.sql does for vehicles of so many bytes each, and says what it was asked for. */
async function asked(count: number, bytesEach: number) {
  const questions: unknown[] = [];
  const rows = async (_statement: unknown, [ids, room, isFirst]: [number[], number, boolean]) => {
    questions.push([ids.length, room, isFirst]);
    return ids.map((id, index) => row(id, (index + 1) * bytesEach)).filter(({ bytes }, index) => bytes <= room || (isFirst && index === 0));
  };
  const ids = Array.from({ length: count }, (_, index) => index);
  const vehicles = await vehiclesOf({ rows } as unknown as OrganisationView, ids);
  expect(vehicles.map(({ id }) => id)).toEqual(ids.slice(0, vehicles.length).map((id) => `v-${id}`));
  return { questions, shown: vehicles.length };
}

test('what a page has no room for is not asked for, but for the rest of a piece', async () => {
  const each = Math.floor(maxPageBytes / 400);
  expect(await asked(1_000, each)).toEqual({
    questions: [
      [250, maxPageBytes, true],
      [250, maxPageBytes - 250 * each, false],
    ],
    shown: 400,
  });
});

test('a page that ends with a piece goes no further', async () => {
  const each = Math.floor(maxPageBytes / 250);
  expect(await asked(251, each)).toMatchObject({ questions: [expect.anything(), [1, maxPageBytes - 250 * each, false]], shown: 250 });
});

test('the first vehicle is shown whatever its length, and no other', async () => {
  expect(await asked(1_000, 2 * maxPageBytes)).toMatchObject({ questions: { length: 1 }, shown: 1 });
});

test('as many as a page has by itself are one question', async () => {
  expect(await asked(100, 10)).toMatchObject({ questions: { length: 1 }, shown: 100 });
});
