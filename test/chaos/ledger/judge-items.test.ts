import type { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { type ItemFindings, judgeItems } from './judge-items.js';
import type { JournalItem, JournalVehicle } from './read-journal.js';

interface Row {
  sequence: number;
  offset?: number;
  more?: object;
}

/** What the vehicle is shown at. */
interface Latest {
  sequence: number;
  recordedAt?: number;
  latitude?: number;
}

const RECORDED_AT = 1_790_000_000_000;

/** Five items, acknowledged; the fourth is wrong and must be a dead letter. */
const journal = (more: Partial<JournalItem>[] = []): JournalVehicle => ({
  vehicleId: 'truck',
  contacts: [],
  absences: [],
  poison: new Map(),
  items: Array.from({ length: 5 }, (_, sequence): JournalItem => {
    const fate = sequence === 3 ? 'letter' : 'fix';
    const item = { sequence, fate, recordedAt: RECORDED_AT + sequence, latitude: 10_000, longitude: 20_000 } as const;
    return { ...item, topic: 'location', acknowledgedAt: 7, ...more[sequence] };
  }),
});

const good: Row[] = [0, 1, 2, 4].map((sequence) => ({ sequence }));
const letter = { sequence: 3 };

/** Answers each statement with the rows of its table, all in the first page. */
function database(rows: readonly Row[], letters: readonly Row[], latest: Latest): Client {
  let page: object[] = [];
  const stored = rows.map(({ sequence, offset = sequence, more }) => ({
    ...{ vehicleId: 'truck', sequence, recordedAt: RECORDED_AT + sequence, latitude: 1, longitude: 2, offset },
    ...more,
  }));
  const dead = letters.map(({ sequence, offset = sequence, more }) => ({
    ...{ vehicleId: 'truck', offset, codes: ['invalid_field'], pointers: ['/latitude'] },
    payload: Buffer.from(JSON.stringify({ sequence })),
    ...more,
  }));
  const shown = { vehicleId: 'truck', recordedAt: RECORDED_AT + latest.sequence, latitude: 1, longitude: 2, ...latest };
  const query = async (text: string) => {
    if (text.includes('latest_positions')) return { rows: [shown] };
    if (text.includes('from locations')) page = stored;
    else if (text.includes('from dead_letters')) page = dead;
    else if (text.includes('from diagnostics')) page = [];
    if (!text.startsWith('fetch')) return { rows: [] };
    const answer = { rows: page };
    page = [];
    return answer;
  };
  return { query } as unknown as Client;
}

const broken = ({ sent: _s, acknowledged: _a, stored: _r, letters: _l, ...laws }: ItemFindings) =>
  Object.fromEntries(
    Object.entries(laws).flatMap(([law, findings]) => (findings.length > 0 ? [[law, findings.map(({ what }) => what)]] : [])),
  );

const judged = async (rows: readonly Row[], letters: readonly Row[] = [letter], latest: Latest = { sequence: 4 }, vehicle = journal()) =>
  broken(await judgeItems([vehicle], database(rows, letters, latest)));

describe('the ledger finds', () => {
  test('nothing where everything is once in its place', async () => {
    expect(await judged(good)).toEqual({});
  });

  test('what was acknowledged and is not stored', async () => {
    expect(await judged(good.slice(1))).toEqual({ lost: ['truck/0 of location'] });
  });

  test('what was acknowledged, was wrong, and is no dead letter', async () => {
    expect(await judged(good, [])).toEqual({ lost: ['truck/3 of location'] });
  });

  test('what was never acknowledged, stored or not', async () => {
    const { acknowledgedAt: _, ...unacknowledged } = journal().items[1] as JournalItem;
    const vehicle = journal();
    vehicle.items[1] = unacknowledged;
    expect(await judged(good, [letter], undefined, vehicle)).toEqual({ unacknowledged: ['truck/1 of location'] });
  });

  test('what is stored twice', async () => {
    expect(await judged([...good, { sequence: 1, offset: 9 }])).toEqual({ storedTwice: ['truck/1 of location'] });
  });

  test('what was never sent, or not like that, and a dead letter of what had no fault', async () => {
    expect(await judged([...good, { sequence: 77 }])).toMatchObject({ invented: ['truck/77 of location'] });
    expect(await judged([...good.slice(0, 3), { sequence: 4, more: { latitude: 5 } }])).toMatchObject({
      invented: ['truck/4 of location'],
    });
    expect(await judged(good, [letter, { sequence: 1 }])).toMatchObject({ invented: ['dead letter truck/1 (invalid_field)'] });
  });

  test('a dead letter that gives another fault than its item has', async () => {
    const other = { ...letter, more: { codes: ['not_storable'] } };
    expect(await judged(good, [other])).toEqual({ invented: ['dead letter truck/3 (not_storable)'], lost: ['truck/3 of location'] });
  });

  test('a latest position that is not the newest fix, but not one of several of the same moment', async () => {
    expect(await judged(good, [letter], { sequence: 2 })).toEqual({ wrongLatest: [expect.stringContaining('truck shows 2')] });
    const same = journal([{}, {}, { recordedAt: RECORDED_AT + 4 }]);
    const shown = { sequence: 2, recordedAt: RECORDED_AT + 4 };
    expect(
      await judged([...good.slice(0, 2), { sequence: 2, more: { recordedAt: RECORDED_AT + 4 } }, { sequence: 4 }], [letter], shown, same),
    ).toEqual({});
  });

  test('a latest position that says something else than its fix', async () => {
    for (const wrong of [{ latitude: 5 }, { recordedAt: RECORDED_AT }]) {
      expect(await judged(good, [letter], { sequence: 4, ...wrong })).toEqual({ wrongLatest: [expect.stringContaining('truck shows 4')] });
    }
  });

  test('a first copy that lies before an earlier one; a later copy may lie anywhere', async () => {
    expect(await judged([{ sequence: 0, offset: 10 }, ...good.slice(1)])).toMatchObject({
      outOfOrder: expect.arrayContaining(['truck/1 of location']),
    });
    expect(await judged(good, [letter, { sequence: 3, offset: 99 }])).toEqual({});
  });

  test('poison that was acknowledged and is no dead letter with its fault', async () => {
    const vehicle = journal();
    vehicle.poison.set('abc', { fault: 'invalid_json', acknowledged: 1 });
    expect(await judged(good, [letter], undefined, vehicle)).toEqual({ lost: ['1 of poison "invalid_json" of truck'] });
  });
});
