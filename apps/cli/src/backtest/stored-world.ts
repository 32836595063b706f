import { type Pool, sql } from '@milepost/database';
import { deadZoneLosses, type VehicleState, type World } from '@milepost/presence';

const reports = sql('backtest/reports');
const deadZones = sql('backtest/dead-zones');

/** What the tables say of a past time, for vehicles that were not looked at then. All that was received in the end is stored by now: silence need not wait for ingest. */
export class StoredWorld implements World {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async reportsOf(vehicles: readonly VehicleState[], _partition: number, logTimeMs: number) {
    const values = [vehicles.map(({ vehicle }) => vehicle), logTimeMs];
    const { rows } = await this.#pool.query<{ vehicle: number; reportAtMs: number }>({ ...reports, values });
    return { reports: rows.map(({ vehicle, reportAtMs }): [number, number] => [vehicle, reportAtMs]), completeUntilMs: logTimeMs };
  }

  async inDeadZones(vehicles: readonly VehicleState[], logTimeMs: number): Promise<number[]> {
    const values = [vehicles.map(({ vehicle }) => vehicle), vehicles.map(({ presence }) => presence.sinceMs), logTimeMs, deadZoneLosses];
    const { rows } = await this.#pool.query<{ vehicle: number }>({ ...deadZones, values });
    return rows.map(({ vehicle }) => vehicle);
  }
}
