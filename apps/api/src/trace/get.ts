import { parseReceipt, type Receipt, type Trace, topics } from '@milepost/contracts';
import { schema, sql as statement } from '@milepost/database';
import { and, desc, eq, sql } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { instantText, present } from '../shared/present.js';
import { reference } from '../shared/references.js';

const { deadLetters, diagnostics, locations, statusReports, vehicles } = schema;

const ingestPosition = statement('api/ingest-position');

export const getTrace: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/trace',
    config: { scope: 'read' },
    schema: {
      tags: ['operations'],
      operationId: 'getTrace',
      summary: 'What became of an acknowledged message',
      description:
        'A client that puts the user property `receipt: 1` into CONNECT (MQTT 5) is told with every PUBACK and PUBREC where its message stands in the log. Of a message of another organisation the answer says no more than how far ingest is.',
      querystring: Type.Object(
        { receipt: Type.String({ maxLength: 100, description: 'topic/partition/offset, e.g. fleet.location/3/1042' }) },
        { additionalProperties: false },
      ),
      response: {
        200: { description: 'Where it stands', ...reference('Trace') },
        ...problemResponses('invalid_receipt', 'trace_not_found'),
      },
    },
    handler: (request) =>
      database.as(principalOf(request), (view) => {
        const { receipt } = request.query;
        const parsed = parseReceipt(receipt);
        if (parsed === undefined)
          throw new ApiProblem('invalid_receipt', `${JSON.stringify(receipt)} is not topic/partition/offset of a topic that is stored.`);
        return traceOf(view, receipt, parsed);
      }),
  });
};

async function traceOf(view: OrganisationView, receipt: string, record: Receipt): Promise<Trace> {
  const nextOffset = await positionIn(view, record);
  if (nextOffset === null) return { receipt, state: 'pending' };
  if (record.offset >= nextOffset) return { receipt, state: 'pending', recordsBefore: String(record.offset - nextOffset) };
  const [rows, letter] = [await rowsOf(view, record), await deadLetterOf(view, record)];
  return present({
    receipt,
    state: letter !== undefined ? ('dead_lettered' as const) : rows === undefined ? ('repeated' as const) : ('stored' as const),
    vehicleId: rows?.vehicleId ?? letter?.vehicleId,
    receivedAt: instantText(rows?.receivedAt ?? letter?.recordTimestamp ?? null),
    storedAt: instantText(rows?.storedAt ?? null),
    items: rows?.items,
    deadLetter:
      letter &&
      present({
        id: receipt,
        at: instantText(letter.at),
        errors: letter.errors as NonNullable<Trace['deadLetter']>['errors'],
        resolvedAt: instantText(letter.resolvedAt),
      }),
  });
}

/**
 * Where ingest goes on in the partition; null before it has begun.
 * @throws ApiProblem `trace_not_found` when the topic has no such partition.
 */
async function positionIn(view: OrganisationView, { topic, partition }: Receipt): Promise<bigint | null> {
  const [found] = await view.rows<{ partitions: number; nextOffset: bigint | null }>(ingestPosition, [topic, partition]);
  if (found === undefined || partition >= found.partitions)
    throw new ApiProblem('trace_not_found', `${topic} has ${found?.partitions ?? 'no'} partitions; ${partition} is none of them.`);
  return found.nextOffset === null ? null : BigInt(found.nextOffset);
}

const tables = { [topics.location]: locations, [topics.diagnostics]: diagnostics, [topics.status]: statusReports } as const;

/** What of the record is stored; where Kafka was replaced another may have stood there before, and the newer counts. Indexes: locations_source, diagnostics_source, status_reports_source (BRIN). */
async function rowsOf({ orm }: OrganisationView, { topic, partition, offset }: Receipt) {
  const table = tables[topic as keyof typeof tables];
  const [found] = await orm
    .select({
      vehicleId: vehicles.vehicleId,
      receivedAt: table.receivedAt,
      storedAt:
        sql`max(case when current_setting('track_commit_timestamp')::boolean then pg_xact_commit_timestamp(${table.commitXid}::xid) end)`.mapWith(
          table.receivedAt,
        ),
      items: sql<number>`count(*)::integer`,
    })
    .from(table)
    .innerJoin(vehicles, eq(vehicles.id, table.vehicle))
    .where(and(eq(table.sourcePartition, partition), eq(table.sourceOffset, offset)))
    .groupBy(vehicles.vehicleId, table.receivedAt)
    .orderBy(desc(table.receivedAt))
    .limit(1);
  return found;
}

/** Index: dead_letters_pkey. */
async function deadLetterOf({ orm }: OrganisationView, { topic, partition, offset }: Receipt) {
  const { at, errors, recordTimestamp, resolvedAt, vehicleId } = deadLetters;
  const [found] = await orm
    .select({ at, errors, recordTimestamp, resolvedAt, vehicleId })
    .from(deadLetters)
    .where(and(eq(deadLetters.topic, topic), eq(deadLetters.partition, partition), eq(deadLetters.offset, offset)));
  return found;
}
