import { sql } from '@milepost/database';
import type { PresencePartition, Transition } from '@milepost/presence';
import type { PoolClient } from 'pg';

const saveHistory = sql('alerts/save-presence-history');

/** Remembers each vehicle whose presence changed as it is after the batch: what `explain` answers about the past. */
export async function savePresenceHistory(
  client: PoolClient,
  partition: number,
  presence: PresencePartition,
  transitions: readonly Transition[],
): Promise<void> {
  const changed = [...new Set(transitions.map(({ vehicleId }) => vehicleId))]
    .map((vehicleId) => presence.vehicle(vehicleId))
    .filter((vehicle) => vehicle !== undefined);
  if (changed.length === 0) return;
  const { clockMs, logTimeMs } = presence.clock;
  const values = [
    partition,
    logTimeMs ?? null,
    clockMs,
    presence.policyVersion,
    changed.map(({ vehicle }) => vehicle),
    changed.map(({ organisationId }) => organisationId),
    // An alert opens later than contact was lost: then the time of the batch.
    changed.map(({ presence: { kind, sinceMs } }) => (kind === 'offline' ? Math.max(logTimeMs ?? sinceMs, sinceMs) : sinceMs)),
    changed.map(({ presence: { kind } }) => kind),
    changed.map(({ vehicle, vehicleId, organisationId, ...machine }) => JSON.stringify(machine)),
  ];
  await client.query({ ...saveHistory, values });
}
