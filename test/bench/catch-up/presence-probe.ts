import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { BenchVehicle, type BenchVehicleOptions } from '../pipeline/bench-vehicle.js';

const lookEveryMs = 5;
const patienceMs = 30_000;
const stateOf = 'select p.state from vehicle_presence p join vehicles v on v.id = p.vehicle where v.vehicle_id = $1';

/** A vehicle that comes and goes: how long until alerts has its presence so, in ms. */
export async function comeAndGo(connection: Omit<BenchVehicleOptions, 'onAck' | 'onLost'>, database: Client): Promise<[number, number]> {
  const vehicle = await BenchVehicle.connect({ ...connection, onAck: () => undefined, onLost: () => undefined });
  const until = async (isSo: (state: string | undefined) => boolean) => {
    const startedAt = performance.now();
    for (;;) {
      const { rows } = await database.query<{ state: string }>({ name: 'presence', text: stateOf, values: [connection.credentials.id] });
      const waited = performance.now() - startedAt;
      if (isSo(rows[0]?.state) || waited > patienceMs) return waited;
      await delay(lookEveryMs);
    }
  };
  const online = await until((state) => state === 'online');
  await vehicle.close();
  return [online, await until((state) => state !== 'online')];
}
