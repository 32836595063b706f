import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { secret } from './receiver.js';

/** An organisation of a test's own: what one test does, no other sees. */
export interface Organisation {
  id: number;
  name: string;
  /** Registers an endpoint, as the API does. */
  endpoint(url: string, options?: { eventTypes?: string[] }): Promise<string>;
  /** Writes an event as alerts does, in a transaction of its own. Answers with its id. */
  event(subject: string, n: number, type?: string): Promise<string>;
  /** The deliveries of an endpoint, oldest first, with their attempts. */
  deliveries(endpointId: string): Promise<DeliveryRow[]>;
}

export interface DeliveryRow {
  id: string;
  event_id: string;
  status: string;
  attempts: number;
  next_attempt_at: Date | null;
  history: { status: number | null; error: string | null; latency_ms: number; response_body: string | null }[];
}

export async function createOrganisation(owner: Pool): Promise<Organisation> {
  const name = `org-${randomUUID()}`;
  const { rows } = await owner.query<{ id: number }>('insert into organisations (name) values ($1) returning id', [name]);
  const id = rows[0]?.id ?? 0;
  return {
    id,
    name,
    endpoint: async (url, { eventTypes = [] } = {}) => {
      const inserted = await owner.query<{ id: string }>(
        'insert into webhook_endpoints (organisation_id, url, event_types, secret) values ($1, $2, $3, $4) returning id',
        [id, url, eventTypes, secret],
      );
      return inserted.rows[0]?.id ?? '';
    },
    event: async (subject, n, type = 'alert.opened') => {
      const eventId = randomUUID();
      const body = JSON.stringify({ id: eventId, type, timestamp: new Date().toISOString(), data: { alert: { id: subject, n } } });
      await owner.query('insert into outbox (event_id, organisation_id, type, subject, record_key, body) values ($1, $2, $3, $4, $5, $6)', [
        eventId,
        id,
        type,
        subject,
        `vehicle-${subject}`,
        body,
      ]);
      return eventId;
    },
    deliveries: async (endpointId) => {
      const found = await owner.query<DeliveryRow>(
        `select d.id, d.event_id, d.status, d.attempts, d.next_attempt_at,
                coalesce((select json_agg(a order by a.number) from webhook_attempts a where a.delivery_id = d.id), '[]') as history
           from webhook_deliveries d where d.endpoint_id = $1 order by d.sequence, d.created_at`,
        [endpointId],
      );
      return found.rows;
    },
  };
}
