import type { Dtc, Vehicle } from '@milepost/contracts';
import { sql } from '@milepost/database';
import type { OrganisationView } from '../database.js';
import { type FixRow, fixOf } from '../locations/fix.js';
import { maxPageBytes } from '../shared/page.js';
import { instantText, present } from '../shared/present.js';

const vehiclesStatement = sql('api/vehicles');

/** As sql/api/vehicles.sql answers: a vehicle may have no presence, no position and no status yet. */
type VehicleRow = Omit<FixRow, 'recordedAt' | 'receivedAt'> & {
  vehicleId: string;
  organisation: string;
  vin: string | null;
  name: string | null;
  firstSeenAt: Date;
  lastContactAt: Date;
  clockOffsetMs: number | null;
  state: Vehicle['presence']['state'];
  since: Date;
  cause: Vehicle['presence']['cause'] | null;
  connections: number;
  recordedAt: Date | null;
  receivedAt: Date | null;
  status: string | null;
  statusReason: string | null;
  statusReceivedAt: Date | null;
  signals: Vehicle['signals'];
  dtcs: Dtc[];
  /** Of the values of any size, up to this vehicle. */
  bytes: number;
};

/** All that a statement is asked for it puts together, whether there is room for it or not: many are asked for in pieces, as large as cost nothing else. */
const vehiclesAtOnce = 250;

/** By compact ids, which come in the order of the vehicles' ids: as many as `maxPageBytes` allow, and the first. */
export async function vehiclesOf(view: OrganisationView, ids: readonly number[]): Promise<Vehicle[]> {
  const vehicles: Vehicle[] = [];
  let room = maxPageBytes;
  for (let from = 0; from < ids.length; from += vehiclesAtOnce) {
    const piece = ids.slice(from, from + vehiclesAtOnce);
    const rows = await view.rows<VehicleRow>(vehiclesStatement, [piece, room, from === 0]);
    vehicles.push(...rows.map(vehicleOf));
    if (rows.length < piece.length) break;
    room -= rows.at(-1)?.bytes ?? 0;
  }
  return vehicles;
}

function vehicleOf(row: VehicleRow): Vehicle {
  const { vehicleId, recordedAt, receivedAt, status, statusReceivedAt } = row;
  return {
    ...present({
      id: vehicleId,
      organisation: row.organisation,
      vin: row.vin,
      name: row.name,
      firstSeenAt: instantText(row.firstSeenAt),
      lastContactAt: instantText(row.lastContactAt),
      clockOffsetMs: row.clockOffsetMs,
      status: status && statusReceivedAt ? present({ status, reason: row.statusReason, receivedAt: instantText(statusReceivedAt) }) : null,
    }),
    presence: present({ state: row.state, since: instantText(row.since), cause: row.cause, connections: row.connections }),
    position: recordedAt && receivedAt ? fixOf({ ...row, recordedAt, receivedAt }, vehicleId) : null,
    signals: row.signals,
    dtcs: row.dtcs,
  };
}
