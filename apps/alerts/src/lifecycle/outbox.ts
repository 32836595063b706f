import { randomUUID } from 'node:crypto';
import type { Event } from '@milepost/contracts';
import { sql } from '@milepost/database';
import type { PoolClient } from 'pg';

const saveEvents = sql('alerts/lifecycle/save-events');

/** An event that is to be told, with what keeps its order and its place in Kafka. */
export interface Announcement {
  organisationId: number;
  type: Event['type'];
  /** Log time. */
  at: Date;
  /** The alert or the incident. */
  subject: string;
  /** Key of its record in `fleet.alerts`: the vehicle, or the incident. */
  recordKey: string;
  data: Event['data'];
}

/** Puts events into the outbox in their order. Their bodies are fixed here: every attempt, replay and endpoint gets the same bytes. */
export async function announce(client: PoolClient, announcements: readonly Announcement[]): Promise<void> {
  if (announcements.length === 0) return;
  const events = announcements.map(({ type, at, data }): Event => ({ id: randomUUID(), type, timestamp: at.toISOString(), data }));
  await client.query({
    ...saveEvents,
    values: [
      events.map(({ id }) => id),
      announcements.map(({ organisationId }) => organisationId),
      events.map(({ type }) => type),
      announcements.map(({ subject }) => subject),
      announcements.map(({ recordKey }) => recordKey),
      events.map((event) => JSON.stringify(event)),
    ],
  });
}
