import { maxItemsPerMessage } from '@milepost/contracts';
import { commonEnv, env } from '@milepost/runtime';
import Type, { type Static } from 'typebox';

/** Every variable of the simulator. */
export const configSchema = Type.Object({
  ...commonEnv,
  MQTT_URL: env.string({ default: 'mqtts://127.0.0.1:8883', pattern: '^mqtts://', description: 'Broker that the vehicles connect to' }),
  PKI_DIR: env.file({
    default: '.milepost/pki',
    description:
      'Folder of the certificate authority (made by `npx milepost pki init`); vehicle certificates are kept in its folder vehicles',
  }),
  MQTT_CA_FILE: Type.Optional(env.file({ description: "CA of the broker's certificate; ca.crt of PKI_DIR when not set" })),
  FLEET_SIZE: env.integer({ default: 25, minimum: 0, maximum: 20_000, description: 'Simulated vehicles; 0 with REPLAY_FILE' }),
  VEHICLE_PREFIX: env.string({
    default: 'truck',
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,57}$',
    description: 'Vehicles are called truck-0001 and so on',
  }),
  ORGANISATION: env.string({ default: 'default', description: 'Organisation (O) in the certificates' }),
  SEED: env.string({ default: '1', description: 'The same seed gives the same routes, faults and lost networks' }),
  REPORT_INTERVAL_MS: env.integer({
    default: 2_000,
    minimum: 10,
    maximum: 600_000,
    description: 'Time between fixes; ten times as long while the engine is off',
  }),
  DIAGNOSTICS_INTERVAL_MS: env.integer({
    default: 30_000,
    minimum: 10,
    maximum: 3_600_000,
    description: 'Time between diagnostics messages',
  }),
  CONNECTS_PER_SECOND: env.number({
    default: 50,
    minimum: 0.1,
    maximum: 1_000,
    description: 'Vehicles that begin to connect each second at the start',
  }),
  KEEP_ALIVE_S: env.integer({ default: 30, minimum: 5, maximum: 3_600, description: 'MQTT keep-alive' }),
  BUFFERED_FIXES: env.integer({
    default: 3_600,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Fixes that a vehicle keeps while it is offline; the oldest are lost first',
  }),
  BATCH_FIXES: env.integer({ default: 500, minimum: 1, maximum: maxItemsPerMessage, description: 'Most fixes in one message' }),
  NETWORK_LOSS_SHARE: env.number({
    default: 0.2,
    minimum: 0,
    maximum: 1,
    description: 'Share of the vehicles that lose their network now and then',
  }),
  NETWORK_LOSS_EVERY_S: env.number({
    default: 600,
    minimum: 1,
    maximum: 86_400,
    description: 'Mean time between two losses of such a vehicle',
  }),
  NETWORK_LOSS_SECONDS: env.number({ default: 60, minimum: 0.1, maximum: 86_400, description: 'Mean length of a loss' }),
  REPLAY_FILE: Type.Optional(
    env.file({
      description: 'Recorded drive (CSV: field,signal,value,delay) to replay once, as vehicle replay-{file name}, instead of a fleet',
    }),
  ),
  REPLAY_SPEED: env.string({ default: '1', description: 'How many times faster than recorded, or `max`; other than 1 the drive ends now' }),
});

export type SimulatorConfig = Static<typeof configSchema>;
