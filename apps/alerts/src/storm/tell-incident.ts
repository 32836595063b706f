import { sql } from '@milepost/database';
import type { Policies } from '@milepost/presence';
import type { PoolClient } from 'pg';
import { announce } from '../lifecycle/outbox.js';
import { type IncidentRow, incidentAnnouncement } from './incident.js';

const noteToldIncident = sql('alerts/storm/note-told-incident');

/** Whether anybody would be told of one of these vehicles alone, at this log time: of an incident in which all are muted nobody is. */
export function isHeard(policies: Policies, organisationId: number, vehicles: readonly number[], logTimeMs: number): boolean {
  const telling = { type: 'offline', openedAtMs: logTimeMs } as const;
  return vehicles.some((vehicle) => policies.mutedUntilMs({ organisationId, vehicle }, telling, logTimeMs) === undefined);
}

/** Tells that an incident is open, once: the row says that it was. */
export async function tellOpened(
  client: PoolClient,
  incident: Omit<IncidentRow, 'closedAt' | 'notifiedAt'>,
  logTimeMs: number,
): Promise<void> {
  await client.query({ ...noteToldIncident, values: [incident.id, logTimeMs] });
  await announce(client, [incidentAnnouncement({ ...incident, notifiedAt: new Date(logTimeMs), closedAt: null })]);
}
