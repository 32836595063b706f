import type { DeadLetter } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { and, asc, desc, lte, sql } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import type { OrganisationView } from '../database.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { pageOf, pageQueryOfAnySize, pageSizeOf, roomWithin } from '../shared/page.js';
import { instantText, present } from '../shared/present.js';
import { pageSchemaOf } from '../shared/references.js';
import { timeRangeQuery, withinRange } from '../shared/time-range.js';

const { deadLetters } = schema;
const cursor = cursorFormat('dead-letters', { at: 'instant', topic: 'text', partition: 'integer', offset: 'bigint' });

export const listDeadLetters: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/dead-letters',
    config: { scope: 'read' },
    schema: {
      tags: ['operations'],
      operationId: 'listDeadLetters',
      summary: 'Messages of which something could not be stored',
      description:
        'With what is wrong and where in the payload, the newest first; kept for 30 days. `npx milepost dead-letters replay` sends one again.',
      querystring: Type.Object({ ...timeRangeQuery, ...pageQueryOfAnySize }, { additionalProperties: false }),
      response: { 200: pageSchemaOf('DeadLetter'), ...problemResponses('invalid_cursor') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { query } = request;
        const { at, topic, partition, offset } = deadLetters;
        const size = pageSizeOf(query);
        const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
        // Index: dead_letters_organisation.
        const rows = await view.orm
          .select(columns)
          .from(deadLetters)
          .where(
            and(
              ...withinRange(at, query),
              ...(after
                ? [
                    lte(at, after.at),
                    sql`(${at} < ${after.at.toISOString()} or (${topic}, ${partition}, ${offset}) > (${after.topic}, ${after.partition}, ${after.offset}))`,
                  ]
                : []),
            ),
          )
          .orderBy(desc(at), asc(topic), asc(partition), asc(offset))
          .limit(size + 1);
        const page = pageOf(rows, roomWithin(rows, size, maxPayloadBytesPerPage), { item: (row) => row, cursor, place: (row) => row });
        return { ...page, items: await withPayloads(view, page.items) };
      }),
  });
};

/** Payloads are up to half a MiB each: a page ends early rather than grow without bound. */
const maxPayloadBytesPerPage = 8 * 1024 * 1024;

const columns = {
  topic: deadLetters.topic,
  partition: deadLetters.partition,
  offset: deadLetters.offset,
  at: deadLetters.at,
  vehicleId: deadLetters.vehicleId,
  errors: deadLetters.errors,
  errorCount: deadLetters.errorCount,
  resolvedAt: deadLetters.resolvedAt,
  bytes: sql<number>`octet_length(${deadLetters.payload})`,
};

type DeadLetterRow = Pick<typeof deadLetters.$inferSelect, Exclude<keyof typeof columns, 'bytes'>>;

async function withPayloads({ orm }: OrganisationView, rows: readonly DeadLetterRow[]): Promise<DeadLetter[]> {
  if (rows.length === 0) return [];
  const { topic, partition, offset, payload } = deadLetters;
  const keys = rows.map((row) => sql`(${row.topic}::text, ${row.partition}::int, ${row.offset}::bigint)`);
  const found = await orm
    .select({ topic, partition, offset, payload })
    .from(deadLetters)
    .where(sql`(${topic}, ${partition}, ${offset}) in (${sql.join(keys, sql`, `)})`);
  const payloads = new Map(found.map((row) => [idOf(row), row.payload]));
  return rows.map((row) => deadLetterOf(row, payloads.get(idOf(row))));
}

const idOf = (row: { topic: string; partition: number; offset: bigint }) => `${row.topic}/${row.partition}/${row.offset}`;

function deadLetterOf(row: DeadLetterRow, payload: Buffer = Buffer.alloc(0)): DeadLetter {
  return present({
    id: idOf(row),
    at: instantText(row.at),
    vehicleId: row.vehicleId,
    topic: row.topic,
    errors: row.errors as DeadLetter['errors'],
    errorCount: row.errorCount,
    payload: payload.toString('base64'),
    resolvedAt: instantText(row.resolvedAt),
  });
}
