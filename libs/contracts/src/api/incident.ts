import Type, { type Static } from 'typebox';
import { instant, optional } from './fields.js';

export const IncidentSchema = Type.Object({
  id: Type.String(),
  scope: Type.Enum(['node', 'organisation']),
  node: optional(Type.String()),
  status: Type.Enum(['open', 'closed']),
  openedAt: instant,
  closedAt: optional(instant),
  vehicles: Type.Integer({ description: 'Members in all' }),
  returned: Type.Integer({ description: 'Members that are back' }),
});
export type Incident = Static<typeof IncidentSchema>;
