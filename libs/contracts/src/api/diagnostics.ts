import Type, { type Static } from 'typebox';
import { instant, optional, scalar } from './fields.js';

export const DiagnosticsSchema = Type.Object({
  vehicleId: Type.String(),
  recordedAt: instant,
  receivedAt: instant,
  signals: Type.Record(Type.String(), scalar),
  dtcs: Type.Array(
    Type.Object({
      code: optional(Type.String()),
      spn: optional(Type.Integer()),
      fmi: optional(Type.Integer()),
      oc: optional(Type.Integer()),
      status: Type.String(),
    }),
  ),
  odometerKm: optional(Type.Number()),
  engineHours: optional(Type.Number()),
  sequence: optional(Type.Integer()),
  attributes: optional(Type.Record(Type.String(), Type.Unknown())),
  clockSuspect: optional(Type.Boolean()),
});
export type Diagnostics = Static<typeof DiagnosticsSchema>;
