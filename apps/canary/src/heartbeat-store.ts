import { randomUUID } from 'node:crypto';
import type { Event } from '@milepost/contracts';
import { sql } from '@milepost/database';
import type { Pool } from 'pg';
import type { PresenceClocks } from './pipeline-check.js';

const presenceClocks = sql('canary/presence-clocks');
const announceHeartbeat = sql('canary/announce-heartbeat');

/** By partition. @throws what Postgres throws. */
export async function readPresenceClocks(pool: Pool): Promise<PresenceClocks> {
  const { rows } = await pool.query<{ logTimeMs: number | null; clockMs: number | null }>({ ...presenceClocks });
  return rows.map(({ logTimeMs, clockMs }) => (logTimeMs === null || clockMs === null ? undefined : { logTimeMs, clockMs }));
}

/**
 * Puts the event into the outbox; webhooks signs and sends it like any other.
 * @throws Error when the organisation is not known.
 */
export async function announce(pool: Pool, organisation: string, heartbeat: NonNullable<Event['data']['heartbeat']>): Promise<void> {
  const event: Event = { id: randomUUID(), type: 'pipeline.heartbeat', timestamp: new Date().toISOString(), data: { heartbeat } };
  const { rowCount } = await pool.query({ ...announceHeartbeat, values: [event.id, organisation, JSON.stringify(event)] });
  if (rowCount !== 1) throw new Error(`there is no organisation called ${organisation}`);
}
