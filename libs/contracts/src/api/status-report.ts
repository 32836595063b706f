import Type, { type Static } from 'typebox';
import { instant, optional } from './fields.js';

export const StatusReportSchema = Type.Object({
  vehicleId: Type.String(),
  status: Type.String(),
  reason: optional(Type.String()),
  receivedAt: instant,
});
export type StatusReport = Static<typeof StatusReportSchema>;
