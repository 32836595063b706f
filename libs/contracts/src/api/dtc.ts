import Type, { type Static } from 'typebox';
import { instant, optional } from './fields.js';

export const DtcSchema = Type.Object({
  code: optional(Type.String()),
  spn: optional(Type.Integer()),
  fmi: optional(Type.Integer()),
  oc: optional(Type.Integer()),
  status: Type.Enum(['active', 'pending', 'cleared', 'permanent']),
  firstSeenAt: instant,
  lastSeenAt: instant,
});
export type Dtc = Static<typeof DtcSchema>;
