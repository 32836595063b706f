import { sql } from '@milepost/database';
import type { PartitionClock, Policies } from '@milepost/presence';
import { courseOf, type IncidentLimits } from '@milepost/presence';
import type { PoolClient } from 'pg';
import { announce } from '../lifecycle/outbox.js';
import { type IncidentRow, incidentAnnouncement } from './incident.js';
import { isHeard, tellOpened } from './tell-incident.js';

const incidentsAtHand = sql('alerts/storm/incidents-at-hand');
const markReturned = sql('alerts/storm/mark-returned');
const countMembers = sql('alerts/storm/count-members');
const membersAway = sql('alerts/storm/members-away');
const updateIncident = sql('alerts/storm/update-incident');

type Row = Omit<IncidentRow, 'vehicles' | 'returned'> & { openedClockMs: number; mostlyBackClockMs: number | null };

export interface TendOptions {
  client: PoolClient;
  partition: number;
  clock: PartitionClock;
  limits: IncidentLimits;
  policies: Policies;
  /** Incidents that vehicles of this partition are members of. */
  memberOf: string[];
  onClosed(incident: IncidentRow): void;
}

export interface Tended {
  /** Incidents that are closed, of those that vehicles of this partition are members of and those that were opened from it. */
  closed: string[];
  /** How many that were opened from this partition are still open: only this partition opens and closes them. */
  open: number;
}

/**
 * Carries on the incidents that were opened from this partition, and says which of those that its vehicles are members of are closed:
 * their members that are still away get alerts of their own, each from the process to which its partition is assigned.
 */
export async function tendIncidents({ client, partition, clock, limits, policies, memberOf, onClosed }: TendOptions): Promise<Tended> {
  const { rows } = await client.query<Row>({ ...incidentsAtHand, values: [partition, memberOf] });
  const { clockMs, logTimeMs = clockMs } = clock;
  const closed: string[] = [];
  for (const { openedClockMs, mostlyBackClockMs, ...row } of rows) {
    if (row.closedAt !== null) {
      closed.push(row.id);
      continue;
    }
    await client.query({ ...markReturned, values: [row.id, logTimeMs] });
    const counted = await client.query<{ vehicles: number; returned: number }>({ ...countMembers, values: [row.id] });
    const { vehicles, returned } = counted.rows[0] ?? { vehicles: 0, returned: 0 };
    const atHand = { openedClockMs, vehicles, returned, ...(mostlyBackClockMs !== null && { mostlyBackClockMs }) };
    const course = courseOf(atHand, clockMs, limits);
    const isOver = course.kind === 'close';
    // The log's clock may have been set back meanwhile.
    const closedAtMs = Math.max(logTimeMs, row.openedAt.getTime());
    const backSince = course.kind === 'open' ? (course.mostlyBackClockMs ?? null) : mostlyBackClockMs;
    await client.query({ ...updateIncident, values: [row.id, vehicles, returned, backSince, isOver ? closedAtMs : null] });
    const incident: IncidentRow = { ...row, closedAt: new Date(closedAtMs), vehicles, returned };
    if (!isOver) {
      if (row.notifiedAt === null) await tellWhenHeard(client, incident, policies, logTimeMs);
      continue;
    }
    // Nobody has heard of it: that it is over is no news.
    if (row.notifiedAt !== null) await announce(client, [incidentAnnouncement(incident)]);
    closed.push(row.id);
    onClosed(incident);
  }
  return { closed, open: rows.length - closed.length };
}

/** All who were in it when it opened were muted: it is told when one who is still away is not. */
async function tellWhenHeard(client: PoolClient, incident: IncidentRow, policies: Policies, logTimeMs: number): Promise<void> {
  const { rows } = await client.query<{ vehicle: number }>({ ...membersAway, values: [incident.id] });
  const away = rows.map(({ vehicle }) => vehicle);
  if (isHeard(policies, incident.organisationId, away, logTimeMs)) await tellOpened(client, incident, logTimeMs);
}
