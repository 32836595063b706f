import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { secret } from './receiver.js';

/** An organisation of a test's own: what one test does, no other sees. */
export interface Organisation {
  id: number;
  name: string;
  /** Registers an endpoint, as the API does. */
  endpoint(url: string, options?: EndpointOptions): Promise<string>;
  /** Writes an event as alerts does, in a transaction of its own. Answers with its id. */
  event(subject: string, n: number, type?: string, options?: EventOptions): Promise<string>;
  /** The deliveries of an endpoint, oldest first, with their attempts. */
  deliveries(endpointId: string): Promise<DeliveryRow[]>;
}

export interface EndpointOptions {
  eventTypes?: string[];
  format?: 'native' | 'alertmanager';
  vehicleIds?: string[];
  groupIds?: string[];
  headers?: Record<string, string>;
}

export interface EventOptions {
  /** The record's key: an alert's vehicle. */
  vehicleId?: string;
  /** What stands in `data`; an alert with `n` unless said. */
  data?: object;
}

export interface DeliveryRow {
  id: string;
  event_id: string;
  status: string;
  attempts: number;
  next_attempt_at: Date | null;
  history: { status: number | null; error: string | null; latency_ms: number; response_body: string | null }[];
}

export async function createOrganisation(owner: Pool, name = `org-${randomUUID()}`): Promise<Organisation> {
  const { rows } = await owner.query<{ id: number }>(
    'insert into organisations (name) values ($1) on conflict (name) do update set name = excluded.name returning id',
    [name],
  );
  const id = rows[0]?.id ?? 0;
  return {
    id,
    name,
    endpoint: async (url, { eventTypes = [], format = 'native', vehicleIds = null, groupIds = null, headers = {} } = {}) => {
      const inserted = await owner.query<{ id: string }>(
        `insert into webhook_endpoints (organisation_id, url, event_types, secret, format, vehicle_ids, group_ids, headers)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
        [id, url, eventTypes, secret, format, vehicleIds, groupIds, headers],
      );
      return inserted.rows[0]?.id ?? '';
    },
    event: async (subject, n, type = 'alert.opened', { vehicleId = `vehicle-${subject}`, data = { alert: { id: subject, n } } } = {}) => {
      const eventId = randomUUID();
      const body = JSON.stringify({ id: eventId, type, timestamp: new Date().toISOString(), data });
      await owner.query('insert into outbox (event_id, organisation_id, type, subject, record_key, body) values ($1, $2, $3, $4, $5, $6)', [
        eventId,
        id,
        type,
        subject,
        vehicleId,
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
