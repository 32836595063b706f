import { env } from '@milepost/runtime';
import Type, { type Static } from 'typebox';

/** What a stack may send webhooks to without being told: receivers on this machine, and nothing else that is private. */
const developmentWebhookAllow = ['127.0.0.0/8', '::1/128'];

export const configSchema = Type.Object({
  MILEPOST_DATA_DIR: env.file({
    default: '.milepost',
    description: 'Folder for the data, certificates, logs and stack.json of this stack',
  }),
  MQTT_TLS_PORT: env.port({ default: 8883, description: 'Port of the broker for vehicles' }),
  MQTT_OPERATOR_TLS_PORT: env.port({ default: 8884, description: 'Port of the broker for users with a password' }),
  MQTT_WS_PORT: env.port({ default: 8885, description: 'Port of the broker for MQTT over WebSocket, path /mqtt' }),
  MQTT_HOST: env.string({ default: '127.0.0.1', description: 'Address of the broker; 0.0.0.0 lets vehicles of the network in' }),
  HTTP_PORT: env.port({ default: 8080, description: 'Port of the API' }),
  HTTP_HOST: env.string({ default: '127.0.0.1', description: 'Address of the API' }),
  WEBHOOK_ALLOW: env.list({ default: developmentWebhookAllow, description: 'Private addresses (CIDR) that webhooks may be sent to' }),
  KAFKA_PROFILE: env.oneOf(['light', 'throughput'], {
    default: 'light',
    description: "How Kafka's JVM compiles: `light` starts fast and costs more a message, `throughput` is how it runs in production",
  }),
  BROKER_ALLOCATOR: env.oneOf(['jemalloc', 'libc'], {
    default: 'jemalloc',
    description:
      'What the broker allocates memory with: jemalloc, where the machine has it (Debian: `apt-get install libjemalloc2`), gives back more of what connections needed that are gone',
  }),
  BROKER_PROCESSES: env.integer({
    default: 1,
    minimum: 1,
    maximum: 64,
    description: 'Processes of the broker that share its ports; with more than one its door for users is shut, and nobody may subscribe',
  }),
  LOG_LEVEL: env.oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], {
    default: 'info',
    description: 'Least level that the apps log',
  }),
});
export type StackConfig = Static<typeof configSchema>;
