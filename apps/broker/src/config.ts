import { hostname } from 'node:os';
import { kafkaEnv } from '@milepost/kafka';
import { commonEnv, env } from '@milepost/runtime';
import Type, { type Static } from 'typebox';

const KIB = 1024;
const MIB = 1024 * KIB;

export const configSchema = Type.Object({
  ...commonEnv,
  ...kafkaEnv,
  MQTT_HOST: env.string({ default: '0.0.0.0', description: 'Address on which vehicles connect' }),
  MQTT_TLS_PORT: env.port({ default: 8883, description: 'Port of MQTT over TLS; 0 takes a free one and logs it' }),
  MQTT_TLS_CERT_FILE: env.file({
    default: '.milepost/pki/server.crt',
    description: "PEM file of the broker's certificate, followed by its chain",
  }),
  MQTT_TLS_KEY_FILE: env.file({ default: '.milepost/pki/server.key', description: "PEM file of the key of the broker's certificate" }),
  MQTT_TRUSTED_CAS_FILE: env.file({
    default: '.milepost/pki/trusted-cas.json',
    description: 'JSON list of the CAs that vouch for vehicles: name, certificateFile, organisations, crlFile',
  }),
  MQTT_OPERATOR_TLS_PORT: env.port({
    default: 8884,
    description: 'Port of MQTT over TLS for users with a password; open only with MQTT_USERS_FILE; 0 takes a free one and logs it',
  }),
  MQTT_USERS_FILE: Type.Optional(
    env.file({ description: 'Users who come in with name and password, made with "npx milepost users add"; read again when it changes' }),
  ),
  MQTT_ACL_FILE: Type.Optional(env.file({ description: 'What users may read and write; without it nothing. Read again when it changes' })),
  MQTT_WS_PORT: Type.Optional(
    env.port({
      description:
        'Port of MQTT over WebSocket over TLS (path /mqtt), for vehicles and, with MQTT_USERS_FILE, users; shut when left out; 0 takes a free one',
    }),
  ),
  MQTT_TCP_PORT: Type.Optional(
    env.port({ description: 'Port of MQTT without TLS, for users with a password; shut when left out; 0 takes a free one and logs it' }),
  ),
  MQTT_TCP_HOST: env.string({
    default: '127.0.0.1',
    description: 'Address of the port without TLS; on any but loopback passwords cross the network in the clear',
  }),
  MQTT_REVOCATION_STRICT: env.boolean({
    default: false,
    description: 'Refuse vehicles whose revocation list is expired or unreadable, instead of going on with the last good one',
  }),
  NODE_ID: Type.Optional(
    env.string({
      pattern: '^[A-Za-z0-9._-]{1,200}$',
      description:
        'Name of this process, unique in the installation; host name and process index by default. Started anew under the same name it goes on at once; under another it waits 10 s for a broker that was killed',
    }),
  ),
  PROCESS_INDEX: env.integer({
    default: 0,
    minimum: 0,
    maximum: 999,
    description: 'Tells the broker processes of one host apart, where NODE_ID is not set',
  }),
  BROKER_PROCESSES: env.integer({
    default: 1,
    minimum: 1,
    maximum: 64,
    description:
      'Processes that share the doors, for fleets that only send: with more than one there are no users, no subscriptions and no sessions beyond a connection. The first one serves STATUS_PORT, the others the ports behind it',
  }),
  OPERATOR_ORGANISATION: env.string({
    default: 'default',
    description: 'Organisation that sees the refused connection attempts for which no trusted CA vouches, and that may read $SYS',
  }),
  MQTT_MAX_CONNECTIONS: env.integer({
    default: 50_000,
    minimum: 1,
    maximum: 1_000_000,
    description:
      'Open sockets a process, over all doors, handshakes included, without those of clients that have left and wait for their close',
  }),
  MQTT_MAX_HANDSHAKES: env.integer({
    default: 64,
    minimum: 1,
    maximum: 10_000,
    description: 'TLS handshakes in progress at a time, over all doors',
  }),
  MQTT_MAX_CONNECTS_PER_SECOND: env.integer({
    default: 2_000,
    minimum: 0,
    maximum: 1_000_000,
    description:
      'CONNECTs a second that are taken, and as many in a burst; more are refused with 0x9F, and handshakes beyond twice as many wait; 0: no limit',
  }),
  MQTT_MAX_CONNECTS_PER_CLIENT_PER_MINUTE: env.integer({
    default: 60,
    minimum: 0,
    maximum: 6_000,
    description: 'CONNECTs of one client that are taken in any minute; more are refused with 0x9F (3.1.1: 3); 0: no limit',
  }),
  MQTT_BACKLOG: env.integer({ default: 4_096, minimum: 1, maximum: 65_535, description: 'Connections that wait for their handshake' }),
  MQTT_HANDSHAKE_TIMEOUT_MS: env.integer({ default: 10_000, minimum: 100, maximum: 120_000, description: 'Time for a TLS handshake' }),
  MQTT_CONNECT_TIMEOUT_MS: env.integer({
    default: 10_000,
    minimum: 100,
    maximum: 120_000,
    description: 'Time from the handshake to a whole CONNECT',
  }),
  MQTT_CONNACK_TIMEOUT_MS: env.integer({
    default: 30_000,
    minimum: 1_000,
    maximum: 600_000,
    description:
      'Time for what must be on record before a CONNECT is accepted; over it the answer is 0x88 (3.1.1: 3). While Kafka answers nobody it comes after 5 s. As long SUBACK and UNSUBACK of a kept session may wait: then the connection ends with 0x89',
  }),
  MQTT_MAX_PACKET_BYTES: env.integer({
    default: 512 * KIB,
    minimum: KIB,
    maximum: 512 * KIB,
    description: 'Largest packet that is taken; announced to MQTT 5 clients',
  }),
  MQTT_RECEIVE_MAXIMUM: env.integer({
    default: 32,
    minimum: 1,
    // Of each QoS 2 identifier the session's record says 62 bytes at most, and must stay below a MiB (`record-room.ts`).
    maximum: 16_384,
    description: 'QoS 1 and 2 publishes in flight from a client; more would not fit into the record of its session',
  }),
  MQTT_MAX_PACKETS_PER_SECOND: env.integer({
    default: 0,
    minimum: 0,
    maximum: 1_000_000,
    description: 'Packets a second beyond which a client is read more slowly; as many in a burst; 0: no limit',
  }),
  MQTT_MAX_BYTES_PER_SECOND: env.integer({
    default: 0,
    minimum: 0,
    maximum: 1024 * MIB,
    description: 'Bytes a second beyond which a client is read more slowly; as many in a burst; 0: no limit',
  }),
  MQTT_MAX_PACKETS_PER_SECOND_IN_ALL: env.integer({
    default: 0,
    minimum: 0,
    maximum: 10_000_000,
    description:
      'Packets a second of all clients of the process beyond which whoever sends is read more slowly, each down to its share; as many in a burst; 0: no limit',
  }),
  MQTT_MAX_BYTES_PER_SECOND_IN_ALL: env.integer({
    default: 0,
    minimum: 0,
    maximum: 64 * KIB * MIB,
    description: 'Bytes a second of all clients of the process, likewise; 0: no limit',
  }),
  MQTT_MAX_CLIENT_ID_BYTES: env.integer({
    default: 256,
    minimum: 23,
    maximum: 4_096,
    description: "Bytes of a user's client id; a longer one is refused with 0x85 (3.1.1: 2). A vehicle's is its vehicle id",
  }),
  MQTT_MAX_SESSIONS_PER_USER: env.integer({
    default: 10_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Sessions of a user, with and without a connection; one more is refused with 0x97 (3.1.1: 3). A vehicle has one',
  }),
  MQTT_MAX_SUBSCRIPTIONS: env.integer({
    default: 100,
    minimum: 1,
    maximum: 100_000,
    description:
      'Subscriptions of a session; one more is refused with 0x97, and so is one beyond 600 KiB of filters, each with 110 bytes more',
  }),
  MQTT_MAX_SUBSCRIPTIONS_IN_ALL: env.integer({
    default: 1_000_000,
    minimum: 1,
    maximum: 100_000_000,
    description:
      'Subscriptions of all sessions of the process, over all organisations; one more is refused with 0x97. What sessions had before a restart counts, and is kept beyond it',
  }),
  MQTT_MAX_QUEUED_MESSAGES: env.integer({
    default: 1_000,
    minimum: 1,
    maximum: 1_000_000,
    description:
      'Messages that wait for a client, beside those in flight; more are dropped and counted, and a connected client is sent away with 0x97',
  }),
  MQTT_MAX_QUEUED_BYTES: env.integer({
    default: MIB,
    minimum: KIB,
    maximum: 1024 * MIB,
    description: 'Bytes that wait for a client, likewise; one message is always taken',
  }),
  MQTT_MAX_UNACKNOWLEDGED_BYTES: env.integer({
    default: 256 * KIB,
    minimum: KIB,
    maximum: 64 * MIB,
    description: 'Unacknowledged bytes a client beyond which nothing more is read from it',
  }),
  MQTT_MAX_PROCESS_BYTES: env.integer({
    default: 512 * MIB,
    minimum: MIB,
    maximum: 64 * KIB * MIB,
    description: 'Unacknowledged bytes of all clients beyond which nothing more is read from any',
  }),
  MQTT_MAX_QOS0_BYTES: env.integer({
    default: 32 * MIB,
    minimum: 0,
    maximum: 512 * MIB,
    description: 'QoS 0 bytes that wait for Kafka; more are dropped and counted',
  }),
  MQTT_MAX_KEPT_BYTES: env.integer({
    default: 512 * MIB,
    minimum: MIB,
    maximum: 64 * KIB * MIB,
    description:
      'Bytes of messages that wait for sessions, over all of them; beyond, QoS 1 and 2 between clients is refused with 0x97, and copies of bridged messages for clients that are away are dropped and counted',
  }),
  MQTT_MAX_SESSION_EXPIRY_SECONDS: env.integer({
    default: 7 * 86_400,
    minimum: 0,
    maximum: 0xffff_ffff,
    description:
      'How long a session may outlive its connection; what a client asks for beyond is lowered to it (clean session 0 of 3.1.1 gets it)',
  }),
  MQTT_MAX_RETAINED_MESSAGES: env.integer({
    default: 100_000,
    minimum: 0,
    maximum: 10_000_000,
    description: 'Retained messages of an organisation kept in memory; one more is refused with 0x97',
  }),
});

export type BrokerConfig = Static<typeof configSchema>;

/** Unique per process: two processes of one name would take each other's leases for their own. */
export function nodeIdOf({
  NODE_ID,
  PROCESS_INDEX,
  BROKER_PROCESSES,
}: Pick<BrokerConfig, 'NODE_ID' | 'PROCESS_INDEX' | 'BROKER_PROCESSES'>): string {
  if (NODE_ID !== undefined && BROKER_PROCESSES === 1) return NODE_ID;
  return `${NODE_ID ?? hostname().replaceAll(/[^A-Za-z0-9._-]/g, '-')}-${PROCESS_INDEX}`;
}

/** Processes of one broker do not share sessions, subscriptions and retained messages (decision 0019). @throws when that is asked for all the same. */
export function requireAlone({ BROKER_PROCESSES, MQTT_USERS_FILE }: Pick<BrokerConfig, 'BROKER_PROCESSES' | 'MQTT_USERS_FILE'>): void {
  if (BROKER_PROCESSES > 1 && MQTT_USERS_FILE !== undefined)
    throw new Error(
      'MQTT_USERS_FILE needs BROKER_PROCESSES=1: users would see the vehicles of one process alone. Leave one of the two out.',
    );
}
