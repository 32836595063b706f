import Type, { type Static } from 'typebox';
import { FaultSchema } from '../faults.js';
import { instant, optional } from './fields.js';

export const TraceSchema = Type.Object({
  receipt: Type.String({ description: 'topic/partition/offset, as PUBACK or PUBREC gave it' }),
  state: Type.Union([Type.Literal('pending'), Type.Literal('stored'), Type.Literal('repeated'), Type.Literal('dead_lettered')], {
    description:
      '`pending`: ingest has not come to that place of the log yet; an acknowledged message stands there, but of a receipt that the broker never gave this says nothing: how far the log goes is not looked up here; `stored`: all of it is in the database, or was before; `repeated`: nothing of it was new, all of it had been stored before (or it is older than what is kept), or it is a dead letter sent again, of which the first receipt tells; `dead_lettered`: something of it could not be stored',
  }),
  vehicleId: optional(Type.String()),
  receivedAt: optional(Type.String({ format: 'date-time', description: 'When the broker received it' })),
  storedAt: optional(
    Type.String({ format: 'date-time', description: 'When it was committed; only where Postgres runs with track_commit_timestamp' }),
  ),
  items: optional(Type.Integer({ minimum: 1, description: 'How many fixes or reports of it were new and are stored' })),
  recordsBefore: optional(
    Type.String({ pattern: '^[0-9]+$', description: 'While pending: how many records of its partition have to be stored before it' }),
  ),
  deadLetter: optional(
    Type.Object({
      id: Type.String({ description: 'As in /v1/dead-letters' }),
      at: instant,
      errors: Type.Array(FaultSchema),
      resolvedAt: optional(instant),
    }),
  ),
});
export type Trace = Static<typeof TraceSchema>;
