import { databaseEnv } from '@milepost/database';
import { kafkaEnv } from '@milepost/kafka';
import { commonEnv, env } from '@milepost/runtime';
import Type, { type Static } from 'typebox';

export const configSchema = Type.Object({
  ...commonEnv,
  ...kafkaEnv,
  ...databaseEnv,
  NODE_ID: Type.Optional(
    env.string({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$',
      description: 'Name of this process in its leases, unique among the alerts processes; host name and process id unless set',
    }),
  ),
  OPERATOR_ORGANISATION: env.string({
    default: 'default',
    description: 'Whose refused connection attempts are those that belong to nobody',
  }),
  REGISTRY_POLICY: env.oneOf(['auto', 'pending', 'refuse'], {
    default: 'auto',
    description: 'What becomes of a vehicle id that is seen for the first time',
  }),
  OFFLINE_GRACE_MS: env.integer({
    default: 30_000,
    minimum: 0,
    maximum: 86_400_000,
    description:
      "From the loss of contact to the alert, in time of the partition's clock; a longer Will Delay counts instead, as far as the session lasts",
  }),
  NODE_GRACE_MS: env.integer({
    default: 150_000,
    minimum: 0,
    maximum: 86_400_000,
    description: 'The same for vehicles whose broker went away: time to come back to it or to another',
  }),
  SILENT_AFTER_MS: env.integer({
    default: 900_000,
    minimum: 1_000,
    maximum: 604_800_000,
    description: 'Connected without a message for longer: a silent alert',
  }),
  REQUIRES_WILL: env.boolean({ default: false, description: 'Judge only vehicles that announced a will' }),
  STORM_MIN_VEHICLES: env.integer({
    default: 20,
    minimum: 1,
    description: 'More than so many vehicles lost at once (and more than a tenth of those connected) are one incident',
  }),
  INCIDENT_SETTLED_MS: env.integer({
    default: 300_000,
    minimum: 0,
    description: 'An incident closes so long after 90 % of its members have returned',
  }),
  INCIDENT_MAX_MS: env.integer({ default: 1_200_000, minimum: 0, description: 'An incident closes so long after it opened at the latest' }),
  ALERTS_SESSION_TIMEOUT_MS: env.integer({
    default: 15_000,
    minimum: 6_000,
    maximum: 300_000,
    description: 'How long a process may be silent before Kafka gives its partitions to another',
  }),
  ATTEMPT_RETENTION_DAYS: env.integer({
    default: 30,
    minimum: 1,
    maximum: 3_650,
    description: 'Days for which refused connection attempts are kept',
  }),
});

export type AlertsConfig = Static<typeof configSchema>;
