import { type ConnectionAttempt, refusalReasons } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { and, asc, desc, eq, lte, sql } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { pageOf, pageQuery, pageSizeOf } from '../shared/page.js';
import { instantText, present } from '../shared/present.js';
import { pageSchemaOf } from '../shared/references.js';
import { timeRangeQuery, withinRange } from '../shared/time-range.js';

const { connectionAttempts } = schema;
const cursor = cursorFormat('connection-attempts', { at: 'instant', sourcePartition: 'integer', sourceOffset: 'bigint' });

export const listConnectionAttempts: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/connection-attempts',
    config: { scope: 'read' },
    schema: {
      tags: ['operations'],
      operationId: 'listConnectionAttempts',
      summary: 'Connections that were refused',
      description: 'With the reason and what to do about it, the newest first; kept for 30 days.',
      querystring: Type.Object(
        {
          reason: Type.Optional(Type.Enum([...refusalReasons], { description: 'Only those refused for this reason' })),
          commonName: Type.Optional(
            Type.String({ maxLength: 256, pattern: '^[^\\u0000]*$', description: 'CN of the certificate, or user name' }),
          ),
          ...timeRangeQuery,
          ...pageQuery,
        },
        { additionalProperties: false },
      ),
      response: { 200: pageSchemaOf('ConnectionAttempt'), ...problemResponses('invalid_cursor') },
    },
    handler: (request) =>
      database.as(principalOf(request), async ({ orm }) => {
        const { query } = request;
        const { at, sourcePartition, sourceOffset } = connectionAttempts;
        const size = pageSizeOf(query);
        const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
        // Indexes: connection_attempts_organisation, connection_attempts_common_name, connection_attempts_reason.
        const rows = await orm
          .select()
          .from(connectionAttempts)
          .where(
            and(
              query.reason && eq(connectionAttempts.reason, query.reason),
              query.commonName === undefined ? undefined : eq(connectionAttempts.commonName, query.commonName),
              ...withinRange(at, query),
              ...(after
                ? [
                    lte(at, after.at),
                    sql`(${at} < ${after.at.toISOString()} or (${sourcePartition}, ${sourceOffset}) > (${after.sourcePartition}, ${after.sourceOffset}))`,
                  ]
                : []),
            ),
          )
          .orderBy(desc(at), asc(sourcePartition), asc(sourceOffset))
          .limit(size + 1);
        return pageOf(rows, size, { item: attemptOf, cursor, place: (row) => row });
      }),
  });
};

function attemptOf(row: typeof connectionAttempts.$inferSelect): ConnectionAttempt {
  return present({
    at: instantText(row.at),
    address: row.address,
    commonName: row.commonName,
    organisation: row.organisation,
    issuer: row.issuer,
    serial: row.serial,
    notAfter: instantText(row.notAfter),
    reason: row.reason as ConnectionAttempt['reason'],
    remedy: row.remedy,
    count: row.count,
  });
}
