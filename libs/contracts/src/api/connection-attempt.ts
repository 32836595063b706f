import Type, { type Static } from 'typebox';
import { RefusalReasonSchema } from '../refusals.js';
import { instant, optional } from './fields.js';

export const ConnectionAttemptSchema = Type.Object({
  at: instant,
  address: Type.String(),
  commonName: optional(Type.String({ description: 'CN of the certificate; at the door of users the user name that was tried' })),
  organisation: optional(Type.String()),
  issuer: optional(Type.String()),
  serial: optional(Type.String()),
  notAfter: optional(instant),
  reason: RefusalReasonSchema,
  remedy: Type.String(),
  count: optional(Type.Integer()),
});
export type ConnectionAttempt = Static<typeof ConnectionAttemptSchema>;
