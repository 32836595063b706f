import { EventFeedSchema } from '@milepost/contracts';
import { schema, sql } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { eq, inArray } from 'drizzle-orm';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest, expectProblem } from './api-under-test.js';

const { outbox } = schema;
const dayMs = 86_400_000;
const scope = useTestScope();
let api: ApiUnderTest;
let batch = 0n;

beforeAll(async () => {
  api = await apiUnderTest(scope);
});

const feed = async (query: string, key = api.keys.read) => {
  const { status, body } = await api.get(`/v1/events?${query}`, { key });
  expect(status, JSON.stringify(body)).toBe(200);
  expect([...Value.Errors(EventFeedSchema, body)]).toEqual([]);
  return body as { items: { id: string; type: string; body: string }[]; nextCursor: string };
};
/** As the dispatch does it. */
async function dispatch(...eventIds: string[]): Promise<void> {
  batch += 1n;
  for (const id of eventIds) {
    await api.fleet.db.update(outbox).set({ dispatchBatch: batch, dispatchedAt: new Date() }).where(eq(outbox.eventId, id));
  }
}
const idsOf = (page: { items: { id: string }[] }) => page.items.map(({ id }) => id);

describe('GET /v1/events', () => {
  test('begins at the end, goes on behind the cursor, and leaves out nothing that was dispatched late', async () => {
    const before = await api.fleet.event();
    await dispatch(before.eventId);
    const start = await feed('');
    expect(start.items).toEqual([]);
    const [late, early, foreign] = [await api.fleet.event(), await api.fleet.event('alert.resolved'), await api.otherFleet.event()];
    await dispatch(early.eventId, foreign.eventId);
    const first = await feed(`cursor=${start.nextCursor}`);
    expect(idsOf(first)).toEqual([early.eventId]);
    expect(first.items[0]).toMatchObject({ type: 'alert.resolved', body: '{}' });
    // Its number is lower, and it was committed later.
    await dispatch(late.eventId);
    expect(idsOf(await feed(`cursor=${first.nextCursor}`))).toEqual([late.eventId]);
    expect(idsOf(await feed(`cursor=${start.nextCursor}`))).toEqual([early.eventId, late.eventId]);
    expect(idsOf(await feed(`cursor=${start.nextCursor}&types=alert.resolved`))).toEqual([early.eventId]);
    const page = await feed(`cursor=${start.nextCursor}&limit=1`);
    expect(idsOf(page)).toEqual([early.eventId]);
    expect(idsOf(await feed(`cursor=${page.nextCursor}&limit=1`))).toEqual([late.eventId]);
    expect(idsOf(await feed('from=2026-01-01T00:00:00Z'))).toEqual([before.eventId, early.eventId, late.eventId]);
    expect(idsOf(await feed('from=2100-01-01T00:00:00Z'))).toEqual([]);
  });

  test('waits for the first event, as long as it is told', async () => {
    const { nextCursor } = await feed('');
    const waiting = feed(`cursor=${nextCursor}&waitSeconds=20`);
    const { eventId } = await api.fleet.event();
    await dispatch(eventId);
    expect(idsOf(await waiting)).toEqual([eventId]);
    const empty = await feed(`cursor=${(await waiting).nextCursor}&waitSeconds=1`);
    expect(empty).toEqual({ items: [], nextCursor: (await waiting).nextCursor });
  });

  test('a rare type among very many events is found in several answers, each of which looks at so many and moves on', async () => {
    const { nextCursor } = await feed('');
    batch += 1n;
    await api.database.owner.query(
      `insert into outbox (organisation_id, type, subject, record_key, body, dispatched_at, dispatch_batch)
       select $1, 'alert.reminded', uuidv7(), 'truck-1', '{}', now(), $2 from generate_series(1, 10000)`,
      [api.fleet.organisationId, batch],
    );
    const rare = await api.fleet.event('incident.opened');
    await dispatch(rare.eventId);
    // It does not wait: there is more to look at.
    const first = await feed(`cursor=${nextCursor}&types=incident.opened&waitSeconds=25`);
    expect(first.items).toEqual([]);
    expect(first.nextCursor).not.toBe(nextCursor);
    const second = await feed(`cursor=${first.nextCursor}&types=incident.opened`);
    expect(idsOf(second)).toEqual([rare.eventId]);
    // Nothing is passed over when a page is full.
    expect((await feed(`cursor=${nextCursor}&types=alert.reminded&limit=2`)).items).toHaveLength(2);
    expect(idsOf(await feed(`cursor=${second.nextCursor}&types=incident.opened`))).toEqual([]);
  });

  test('a cursor before events that are forgotten is refused, with the one to go on from; one that has had them all is not', async () => {
    const { nextCursor: before } = await feed('', api.keys.other);
    const [old, older, kept] = [await api.otherFleet.event(), await api.otherFleet.event(), await api.otherFleet.event()];
    await dispatch(old.eventId, older.eventId);
    await dispatch(kept.eventId);
    const { nextCursor: between } = await feed(`cursor=${before}&limit=1`, api.keys.other);
    const { nextCursor: behind } = await feed(`cursor=${before}&limit=2`, api.keys.other);
    await api.fleet.db
      .update(outbox)
      .set({ createdAt: new Date(Date.now() - 31 * dayMs), relayedAt: new Date() })
      .where(inArray(outbox.eventId, [old.eventId, older.eventId]));
    await api.database.owner.query({ ...sql('webhooks/delete-old-events'), values: [30, 1_000] });

    for (const cursor of [before, between]) {
      const refused = await api.get(`/v1/events?cursor=${cursor}`, { key: api.keys.other });
      expectProblem(refused, 410, 'cursor_expired');
      expect(refused.body.detail).toContain('oldestCursor');
      expect(idsOf(await feed(`cursor=${refused.body.oldestCursor}`, api.keys.other))).toEqual([kept.eventId]);
    }
    expect(idsOf(await feed(`cursor=${behind}`, api.keys.other))).toEqual([kept.eventId]);
    expect(idsOf(await feed('from=2026-01-01T00:00:00Z', api.keys.other))).toEqual([kept.eventId]);
    // Another organisation's feed has lost nothing.
    expect((await api.get('/v1/events?from=2026-01-01T00:00:00Z&limit=1')).status).toBe(200);
  });

  test('a feed of which everything is forgotten begins behind that', async () => {
    await api.database.owner.query('delete from outbox where organisation_id = $1', [api.otherFleet.organisationId]);
    const { nextCursor } = await feed('', api.keys.other);
    expect(await feed(`cursor=${nextCursor}`, api.keys.other)).toEqual({ items: [], nextCursor });
  });

  test('refuses what it does not know', async () => {
    expectProblem(await api.get('/v1/events?types=alert.exploded'), 400, 'invalid_request');
    expectProblem(await api.get('/v1/events?waitSeconds=60'), 400, 'invalid_request');
    expectProblem(await api.get('/v1/events?cursor=nonsense'), 400, 'invalid_cursor');
  });
});
