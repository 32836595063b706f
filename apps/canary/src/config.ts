import { databaseEnv } from '@milepost/database';
import { commonEnv, env } from '@milepost/runtime';
import Type, { type Static } from 'typebox';

/** Every variable of the canary. */
export const configSchema = Type.Object({
  ...commonEnv,
  ...databaseEnv,
  MQTT_URL: env.string({ default: 'mqtts://127.0.0.1:8883', pattern: '^mqtts://', description: 'Broker that the canary connects to' }),
  MQTT_CA_FILE: env.file({ description: "CA of the broker's certificate" }),
  CANARY_CERT_FILE: env.file({
    description: 'Certificate of the canary, a vehicle of the operator’s organisation; its CN is the vehicle id',
  }),
  CANARY_KEY_FILE: env.file({ description: 'Private key of that certificate' }),
  CANARY_VEHICLE: env.string({
    default: 'milepost-canary',
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
    description: 'Vehicle id of the canary',
  }),
  API_URL: env.string({
    default: 'http://127.0.0.1:8080',
    pattern: '^https?://',
    description: 'API that the canary asks what became of its message',
  }),
  API_KEY: env.string({ description: 'API key with the scope `read`, of the canary’s organisation', secret: true }),
  OPERATOR_ORGANISATION: env.string({ default: 'default', description: 'Organisation whose webhooks get the heartbeat' }),
  CANARY_INTERVAL_MS: env.integer({ default: 10_000, minimum: 100, maximum: 60_000, description: 'Time between two rounds' }),
  CANARY_ROUND_TIMEOUT_MS: env.integer({
    default: 20_000,
    minimum: 1_000,
    maximum: 60_000,
    description: 'Time in which a message must have gone from the vehicle to the API',
  }),
  HEARTBEAT_INTERVAL_MS: env.integer({
    default: 60_000,
    // Between two of them the clock of each presence partition must move, which leases move each 2 s.
    minimum: 3_000,
    maximum: 600_000,
    description: 'Time between two heartbeats',
  }),
});

export type Config = Static<typeof configSchema>;
