import { EventFeedSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { eq } from 'drizzle-orm';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest, expectProblem } from './api-under-test.js';

const { outbox } = schema;
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

  test('refuses what it does not know', async () => {
    expectProblem(await api.get('/v1/events?types=alert.exploded'), 400, 'invalid_request');
    expectProblem(await api.get('/v1/events?waitSeconds=60'), 400, 'invalid_request');
    expectProblem(await api.get('/v1/events?cursor=nonsense'), 400, 'invalid_cursor');
  });
});
