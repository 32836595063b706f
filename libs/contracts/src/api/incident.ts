import Type, { type Static } from 'typebox';
import { instant, optional } from './fields.js';

export const incidentStatuses = ['open', 'closed'] as const;
export type IncidentStatus = (typeof incidentStatuses)[number];

export const IncidentSchema = Type.Object({
  id: Type.String(),
  scope: Type.Enum(['node', 'organisation']),
  node: optional(Type.String()),
  status: Type.Enum([...incidentStatuses]),
  openedAt: instant,
  notifiedAt: optional(Type.String({ format: 'date-time', description: 'When it was told; absent while all its members are muted' })),
  closedAt: optional(instant),
  vehicles: Type.Integer({ description: 'Members in all' }),
  returned: Type.Integer({ description: 'Members that are back' }),
});
export type Incident = Static<typeof IncidentSchema>;

/** A vehicle that was lost with the others. */
export const IncidentMemberSchema = Type.Object({
  vehicleId: Type.String(),
  joinedAt: instant,
  returnedAt: optional(instant),
  alertId: optional(
    Type.String({
      description: 'Its own offline alert: opened shortly before the incident, or because it was still away when that closed',
    }),
  ),
});
export type IncidentMember = Static<typeof IncidentMemberSchema>;
