import { type EventFeed, eventTypes, type FeedEvent } from '@milepost/contracts';
import { sql } from '@milepost/database';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import type { OrganisationView } from '../database.js';
import { ApiProblem, invalidParameter } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { maxPageBytes, pageQueryOfAnySize, pageSizeOf } from '../shared/page.js';
import { instantText } from '../shared/present.js';
import { reference } from '../shared/references.js';
import { timeRangeOf, timeRangeQuery } from '../shared/time-range.js';
import { LongPoll } from './long-poll.js';

const nextEvents = sql('api/events');
const placeOf = sql('api/events-place');
const cursor = cursorFormat('events', { batch: 'bigint', id: 'bigint' });
const maxWaitSeconds = 25;
/** Events that one answer looks at, wanted or not: a rare type is found in several answers instead of one that takes too long. */
const maxLookedAt = 10_000;

interface Place {
  batch: bigint;
  id: bigint;
}
interface EventRow {
  /** Null, as the other three, in the one row of a page without events. */
  eventId: string | null;
  type: FeedEvent['type'];
  createdAt: Date;
  body: string;
  /** bigint, as the driver gives it. */
  lastBatch: string | null;
  lastId: string | null;
  hasMore: boolean;
  forgottenBatch: string | null;
  forgottenId: string | null;
}
/** A part of the feed: the events that are wanted, where it ends, and whether it ended before the feed did. */
interface Stretch {
  items: FeedEvent[];
  end: Place;
  hasMore: boolean;
}

export const listEvents: Route = (app, { database }) => {
  const waiting = new LongPoll();
  app.addHook('preClose', async () => waiting.close());
  app.route({
    method: 'GET',
    url: '/v1/events',
    config: { scope: 'read' },
    schema: {
      tags: ['webhooks'],
      operationId: 'listEvents',
      summary: 'The events, as webhooks carry them',
      description:
        'A feed: each event of the organisation once, in order for each alert and incident, nothing left out. Begin with `from`, or with neither `from` nor `cursor` at the end; then pass `nextCursor` on, of an empty answer too: it moves on past events of other types. With `waitSeconds` an answer without events comes only after that time, or after 10,000 events of other types. Tests of single webhooks are not in it. A cursor older than what is kept is refused (`cursor_expired`).',
      querystring: Type.Object(
        {
          from: timeRangeQuery.from,
          types: Type.Optional(Type.String({ description: 'Only these, comma-separated', examples: ['alert.opened,alert.resolved'] })),
          waitSeconds: Type.Optional(
            Type.Integer({ minimum: 0, maximum: maxWaitSeconds, default: 0, description: 'Wait so long for the first one' }),
          ),
          ...pageQueryOfAnySize,
        },
        { additionalProperties: false },
      ),
      response: { 200: { description: 'Events', ...reference('EventFeed') }, ...problemResponses('invalid_cursor', 'cursor_expired') },
    },
    handler: async (request, reply) => {
      const { query } = request;
      const principal = principalOf(request);
      const types = typesOf(query.types);
      const begin = query.cursor === undefined ? undefined : cursor.read(query.cursor);
      let place =
        begin ?? (await database.as(principal, (view) => beginning(view, timeRangeOf({ ...(query.from && { from: query.from }) }).from)));
      const gone = new AbortController();
      // Of the request it would mean that its body was read.
      reply.raw.once('close', () => gone.abort());
      const page = await waiting.until(
        async () => {
          const { items, end, hasMore } = await database.as(principal, (view) => stretchBehind(view, place, types, pageSizeOf(query)));
          place = end;
          return items.length > 0 || hasMore ? feedOf(items, end) : undefined;
        },
        { waitMs: (query.waitSeconds ?? 0) * 1_000, gone: gone.signal },
      );
      return page ?? feedOf([], place);
    },
  });
};

async function beginning(view: OrganisationView, from: Date | undefined): Promise<Place> {
  const [row] = await view.rows<{ batch: string; id: string }>(placeOf, [from ?? null]);
  return (row && placeOfRow(row.batch, row.id)) ?? { batch: 0n, id: 0n };
}

/** @throws ApiProblem `cursor_expired` when events behind the place are not kept any more */
async function stretchBehind(view: OrganisationView, place: Place, types: string[] | null, size: number): Promise<Stretch> {
  const rows = await view.rows<EventRow>(nextEvents, [place.batch, place.id, types, size, maxLookedAt, maxPageBytes]);
  const { lastBatch = null, lastId = null, hasMore = false, forgottenBatch = null, forgottenId = null } = rows[0] ?? {};
  const forgotten = placeOfRow(forgottenBatch, forgottenId);
  if (forgotten && isBefore(place, forgotten)) throw cursorExpired(forgotten);
  return {
    items: rows.flatMap(({ eventId, type, createdAt, body }) =>
      eventId === null ? [] : [{ id: eventId, type, at: instantText(createdAt), body }],
    ),
    end: placeOfRow(lastBatch, lastId) ?? place,
    hasMore,
  };
}

const placeOfRow = (batch: string | null, id: string | null): Place | undefined =>
  batch === null || id === null ? undefined : { batch: BigInt(batch), id: BigInt(id) };
const isBefore = (a: Place, b: Place): boolean => a.batch < b.batch || (a.batch === b.batch && a.id < b.id);

function cursorExpired(oldest: Place): ApiProblem {
  return new ApiProblem(
    'cursor_expired',
    'cursor: events behind it are no longer kept. Go on from oldestCursor, or begin anew with from; what became of an alert meanwhile is in /v1/alerts.',
    { oldestCursor: cursor.write(oldest) },
  );
}

const feedOf = (items: FeedEvent[], end: Place): EventFeed => ({ items, nextCursor: cursor.write(end) });

function typesOf(text: string | undefined): string[] | null {
  if (text === undefined) return null;
  const types = text.split(',').map((type) => type.trim());
  const unknown = types.find((type) => !(eventTypes as readonly string[]).includes(type));
  if (unknown !== undefined)
    throw invalidParameter('types', 'not_allowed', `"${unknown}" is no type of events; there are ${eventTypes.join(', ')}`);
  return types;
}
