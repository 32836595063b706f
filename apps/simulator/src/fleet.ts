import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureVehicleFiles, openAuthority } from '@milepost/pki';
import { type Logger, sleep } from '@milepost/runtime';
import type { SimulatorConfig } from './config.js';
import type { Credentials } from './link/connect.js';
import type { ConnectFailures } from './link/connect-failures.js';
import { VehicleLink } from './link/vehicle-link.js';
import type { SimulatorMetrics } from './metrics.js';
import { createRandom } from './random.js';
import { SimulatedVehicle } from './simulated-vehicle.js';

export interface FleetContext {
  config: SimulatorConfig;
  logger: Logger;
  metrics: SimulatorMetrics;
  connectFailures: ConnectFailures;
}

export interface Fleet {
  stop(): Promise<void>;
}

/** Certificates for these vehicles, from the authority of PKI_DIR; those of an earlier run are used again. */
export async function credentialsFor(config: SimulatorConfig, vehicleIds: readonly string[]): Promise<Credentials[]> {
  const authority = await openAuthority(config.PKI_DIR);
  const ca = config.MQTT_CA_FILE === undefined ? authority.certificatePem : await readFile(config.MQTT_CA_FILE, 'utf8');
  const requests = vehicleIds.map((vehicleId) => ({ vehicleId, organisation: config.ORGANISATION }));
  const files = await ensureVehicleFiles(join(config.PKI_DIR, 'vehicles'), authority, requests);
  const read = async (index: number, vehicleId: string): Promise<Credentials> => {
    const { certificateFile = '', keyFile = '' } = files[index] ?? {};
    const [certificate, privateKey] = await Promise.all([readFile(certificateFile, 'utf8'), readFile(keyFile, 'utf8')]);
    return { vehicleId, certificate, privateKey, ca };
  };
  // One after another: a fleet has twice as many files as it will have connections, and a process may open so many.
  const all: Credentials[] = [];
  for (const [index, vehicleId] of vehicleIds.entries()) all.push(await read(index, vehicleId));
  return all;
}

export function linkFor(credentials: Credentials, { config, logger, metrics, connectFailures }: FleetContext): VehicleLink {
  return new VehicleLink({
    credentials,
    settings: { url: config.MQTT_URL, keepAliveS: config.KEEP_ALIVE_S, timeoutMs: 30_000 },
    bufferedFixes: config.BUFFERED_FIXES,
    batchFixes: config.BATCH_FIXES,
    logger,
    metrics,
    connectFailures,
  });
}

/** `truck-0001` and so on, as many as the configuration says. */
export async function startFleet(context: FleetContext): Promise<Fleet> {
  const { config, logger } = context;
  const names = Array.from({ length: config.FLEET_SIZE }, (_, index) => `${config.VEHICLE_PREFIX}-${String(index + 1).padStart(4, '0')}`);
  const credentials = await credentialsFor(config, names);
  const random = createRandom(config.SEED);
  const vehicles = credentials.map((own) => new SimulatedVehicle(linkFor(own, context), config, random.fork(own.vehicleId)));
  const stopping = new AbortController();
  logger.info({ event: 'fleet.starting', vehicles: vehicles.length }, `${vehicles.length} vehicles set out`);
  const starting = (async () => {
    for (const vehicle of vehicles) {
      if (stopping.signal.aborted) return;
      vehicle.start();
      await sleep(1_000 / config.CONNECTS_PER_SECOND, stopping.signal);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await starting;
      await Promise.all(vehicles.map((vehicle) => vehicle.stop()));
    },
  };
}
