import Type, { type Static } from 'typebox';
import { FaultSchema } from '../faults.js';
import { instant, optional } from './fields.js';

export const DeadLetterSchema = Type.Object({
  id: Type.String({ description: 'topic/partition/offset of the source record' }),
  at: instant,
  vehicleId: optional(Type.String()),
  topic: Type.String(),
  errors: Type.Array(FaultSchema),
  errorCount: Type.Integer(),
  payload: Type.String({ description: 'base64' }),
  resolvedAt: optional(Type.String({ format: 'date-time', description: 'When a replay of it was stored as a whole' })),
});
export type DeadLetter = Static<typeof DeadLetterSchema>;
