import { type EventFeed, eventTypes, type FeedEvent } from '@milepost/contracts';
import { sql } from '@milepost/database';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import type { OrganisationView } from '../database.js';
import { invalidParameter } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { pageQuery, pageSizeOf } from '../shared/page.js';
import { instantText } from '../shared/present.js';
import { reference } from '../shared/references.js';
import { timeRangeOf, timeRangeQuery } from '../shared/time-range.js';
import { LongPoll } from './long-poll.js';

const nextEvents = sql('api/events');
const placeOf = sql('api/events-place');
const cursor = cursorFormat('events', { batch: 'bigint', id: 'bigint' });
const maxWaitSeconds = 25;

interface Place {
  batch: bigint;
  id: bigint;
}
interface EventRow {
  eventId: string;
  type: FeedEvent['type'];
  createdAt: Date;
  body: string;
  /** bigint, as the driver gives it. */
  batch: string;
  id: string;
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
        'A feed: each event of the organisation once, in order for each alert and incident, nothing left out. Begin with `from`, or with neither `from` nor `cursor` at the end; then pass `nextCursor` on. With `waitSeconds` an empty answer comes only after that time. Tests of single webhooks are not in it.',
      querystring: Type.Object(
        {
          from: timeRangeQuery.from,
          types: Type.Optional(Type.String({ description: 'Only these, comma-separated', examples: ['alert.opened,alert.resolved'] })),
          waitSeconds: Type.Optional(
            Type.Integer({ minimum: 0, maximum: maxWaitSeconds, default: 0, description: 'Wait so long for the first one' }),
          ),
          ...pageQuery,
        },
        { additionalProperties: false },
      ),
      response: { 200: { description: 'Events', ...reference('EventFeed') }, ...problemResponses('invalid_cursor') },
    },
    handler: async (request, reply) => {
      const { query } = request;
      const principal = principalOf(request);
      const types = typesOf(query.types);
      const begin = query.cursor === undefined ? undefined : cursor.read(query.cursor);
      const place =
        begin ?? (await database.as(principal, (view) => beginning(view, timeRangeOf({ ...(query.from && { from: query.from }) }).from)));
      const gone = new AbortController();
      // Of the request it would mean that its body was read.
      reply.raw.once('close', () => gone.abort());
      const page = await waiting.until(
        async () => {
          const rows = await database.as(principal, (view) =>
            view.rows<EventRow>(nextEvents, [place.batch, place.id, types, pageSizeOf(query)]),
          );
          return rows.length === 0 ? undefined : feedOf(rows, place);
        },
        { waitMs: (query.waitSeconds ?? 0) * 1_000, gone: gone.signal },
      );
      return page ?? feedOf([], place);
    },
  });
};

async function beginning(view: OrganisationView, from: Date | undefined): Promise<Place> {
  const [row] = await view.rows<{ batch: string; id: string }>(placeOf, [from ?? null]);
  return row ? { batch: BigInt(row.batch), id: BigInt(row.id) } : { batch: 0n, id: 0n };
}

function feedOf(rows: readonly EventRow[], place: Place): EventFeed {
  const last = rows.at(-1);
  return {
    items: rows.map(({ eventId, type, createdAt, body }) => ({ id: eventId, type, at: instantText(createdAt), body })),
    nextCursor: cursor.write(last ? { batch: BigInt(last.batch), id: BigInt(last.id) } : place),
  };
}

function typesOf(text: string | undefined): string[] | null {
  if (text === undefined) return null;
  const types = text.split(',').map((type) => type.trim());
  const unknown = types.find((type) => !(eventTypes as readonly string[]).includes(type));
  if (unknown !== undefined)
    throw invalidParameter('types', 'not_allowed', `"${unknown}" is no type of events; there are ${eventTypes.join(', ')}`);
  return types;
}
