import Type, { type Static } from 'typebox';
import { optional } from './fields.js';

export const readinessParts = ['postgres', 'kafka', 'broker', 'ingest', 'alerts', 'webhooks'] as const;
export const ReadinessSchema = Type.Object({
  ready: Type.Boolean(),
  parts: Type.Array(Type.Object({ name: Type.Enum([...readinessParts]), ready: Type.Boolean(), reason: optional(Type.String()) })),
});
export type Readiness = Static<typeof ReadinessSchema>;
