import { sql } from '@milepost/database';
import type { PartitionClock, Remembered } from '@milepost/presence';
import type { PoolClient } from 'pg';

const saveHistory = sql('alerts/store/save-presence-history');

/** Remembers vehicles as they are after a batch in which something of them changed: what `explain` answers about the past. */
export async function savePresenceHistory(
  client: PoolClient,
  partition: number,
  changed: readonly Remembered[],
  { clock, policyVersion }: { clock: PartitionClock; policyVersion: number },
): Promise<void> {
  if (changed.length === 0) return;
  const { clockMs, logTimeMs } = clock;
  const values = [
    partition,
    logTimeMs ?? null,
    clockMs,
    policyVersion,
    changed.map(({ vehicle: { vehicle } }) => vehicle),
    changed.map(({ vehicle: { organisationId } }) => organisationId),
    changed.map((one) => changedAtMs(one, logTimeMs)),
    changed.map(({ vehicle: { presence } }) => presence.kind),
    changed.map(({ vehicle: { vehicle, vehicleId, organisationId, ...machine } }) => JSON.stringify(machine)),
  ];
  await client.query({ ...saveHistory, values });
}

/**
 * When it became so: when a connection brought it, or its last one ended, though that may be noticed later. Everything else (an alert, a further
 * connection, another policy) is so since the batch.
 */
function changedAtMs({ vehicle, from }: Remembered, logTimeMs = vehicle.presence.sinceMs): number {
  const { presence, connections } = vehicle;
  const { kind, sinceMs } = presence;
  const cameOrWent = kind !== from && kind !== 'offline' && (kind === 'online' || from === 'online');
  return cameOrWent ? sinceMs : Math.max(logTimeMs, sinceMs, ...connections.map(({ openedAtMs }) => openedAtMs));
}
