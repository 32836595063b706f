import Type, { type Static } from 'typebox';
import { DisconnectCauseSchema } from '../presence.js';
import { DtcSchema } from './dtc.js';
import { instant, optional, scalar } from './fields.js';
import { FixSchema } from './fix.js';

export const presenceStates = ['online', 'suspect', 'offline', 'parked', 'unknown'] as const;
export type PresenceState = (typeof presenceStates)[number];

export const VehicleSchema = Type.Object({
  id: Type.String(),
  organisation: Type.String(),
  vin: optional(Type.String()),
  name: optional(Type.String()),
  firstSeenAt: instant,
  lastContactAt: instant,
  clockOffsetMs: optional(
    Type.Integer({ description: 'recordedAt − receivedAt of the newest message: above 0 the vehicle’s clock is ahead' }),
  ),
  presence: Type.Object({
    state: Type.Enum([...presenceStates]),
    since: instant,
    cause: optional(DisconnectCauseSchema),
    connections: Type.Integer(),
  }),
  position: Type.Union([FixSchema, Type.Null()]),
  status: optional(Type.Object({ status: Type.String(), reason: optional(Type.String()), receivedAt: instant })),
  signals: Type.Record(Type.String(), Type.Object({ value: scalar, recordedAt: instant })),
  dtcs: Type.Array(DtcSchema),
});
export type Vehicle = Static<typeof VehicleSchema>;
