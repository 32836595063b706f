import { sql } from '@milepost/database';
import type { Changes, PartitionClock, StoredPartition } from '@milepost/presence';
import { nextDueAtMs, type VehicleState } from '@milepost/presence';
import type { PoolClient } from 'pg';

const loadVehicles = sql('alerts/store/load-vehicles');
const loadClosed = sql('alerts/store/load-closed-connections');
const forgetConnected = sql('alerts/store/forget-connected');
const saveVehicles = sql('alerts/store/save-vehicles');
const saveClosed = sql('alerts/store/save-closed-connections');
const saveConnected = sql('alerts/store/save-connected');

/** The part of a vehicle's state that has no column of its own. */
type Machine = Omit<VehicleState, 'vehicle' | 'vehicleId' | 'organisationId'>;

interface VehicleRow {
  vehicle: number;
  vehicleId: string;
  organisationId: number;
  machine: Machine;
}

/**
 * The state of a partition as the last committed batch left it. Under the partition's lock, and in a transaction that saves changes: how many
 * are connected where is then counted from what was read here, whatever stood there.
 */
export async function loadPartition(client: PoolClient, partition: number, clock: PartitionClock): Promise<StoredPartition> {
  await client.query({ ...forgetConnected, values: [partition] });
  const vehicles = await client.query<VehicleRow>({ ...loadVehicles, values: [partition] });
  const closed = await client.query<{ id: string; atMs: number }>({ ...loadClosed, values: [partition, clock.logTimeMs ?? 0] });
  return { clock, vehicles: vehicles.rows.map(({ machine, ...ids }) => ({ ...ids, ...machine })), closed: closed.rows };
}

/** Writes what has changed, in the fenced transaction. */
export async function saveChanges(client: PoolClient, partition: number, { vehicles, closed, connected }: Changes): Promise<void> {
  if (vehicles.length > 0) await client.query({ ...saveVehicles, values: [partition, ...columnsOf(vehicles)] });
  if (closed.length > 0) {
    const values = [partition, closed.map(({ id }) => id), closed.map(({ vehicle }) => vehicle), closed.map(({ atMs }) => atMs)];
    await client.query({ ...saveClosed, values });
  }
  if (connected.length > 0) {
    const values = [connected.map(({ organisationId }) => organisationId), connected.map(({ node }) => node)];
    await client.query({ ...saveConnected, values: [partition, ...values, connected.map(({ vehicles }) => vehicles)] });
  }
}

function columnsOf(vehicles: VehicleState[]): unknown[][] {
  const presences = vehicles.map(({ presence }) => presence);
  return [
    vehicles.map(({ vehicle }) => vehicle),
    vehicles.map(({ organisationId }) => organisationId),
    presences.map(({ kind }) => kind),
    presences.map(({ sinceMs }) => sinceMs),
    presences.map((presence) => ('cause' in presence ? presence.cause : null)),
    vehicles.map(({ connections }) => connections.length),
    vehicles.map(({ lastContactAtMs }) => lastContactAtMs ?? null),
    vehicles.map(({ connections, lastLoss }) => connections.at(-1)?.node ?? lastLoss?.node ?? null),
    vehicles.map(({ lastLoss }) => lastLoss?.atMs ?? null),
    vehicles.map(({ lastLoss }) => lastLoss?.node ?? null),
    vehicles.map((vehicle) => nextDueAtMs(vehicle) ?? null),
    vehicles.map(({ vehicle, vehicleId, organisationId, ...machine }) => JSON.stringify(machine satisfies Machine)),
  ];
}
