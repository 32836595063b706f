import Type, { type Static } from 'typebox';
import { RefusalReasonSchema } from './refusals.js';

/** Why a connection ended. `node_lost` is never written by a broker: alerts derives it. */
export const disconnectCauses = [
  'client_disconnect',
  'client_disconnect_with_will',
  'keepalive_timeout',
  'network_error',
  'protocol_error',
  'refused_publish',
  'taken_over',
  'revoked',
  'certificate_expired',
  'server_shutdown',
  'node_lost',
  'not_established',
] as const;
export const DisconnectCauseSchema = Type.Enum([...disconnectCauses]);
export type DisconnectCause = (typeof disconnectCauses)[number];

/** Unique to a process's life: `node` names the process, `epoch` its life or its return after a stall, `counter` the record. */
const writer = { node: Type.String(), epoch: Type.Integer(), counter: Type.Integer() };
const holder = { vehicleId: Type.String(), organisation: Type.String(), connectionId: Type.String() };
const instant = Type.String({ format: 'date-time' });

export const AnnouncedWillSchema = Type.Object({
  topic: Type.String(),
  payloadBase64: Type.String(),
  qos: Type.Integer({ minimum: 0, maximum: 2 }),
  retain: Type.Boolean(),
  delaySeconds: Type.Integer({ minimum: 0 }),
});
export type AnnouncedWill = Static<typeof AnnouncedWillSchema>;

export const ConnectedSchema = Type.Object({
  kind: Type.Literal('connected'),
  ...writer,
  ...holder,
  connectedAt: instant,
  /** Written again by a node that had stalled; such a record never replaces another connection. */
  resumed: Type.Boolean(),
  address: Type.String(),
  protocolVersion: Type.Integer(),
  cleanStart: Type.Boolean(),
  keepAliveSeconds: Type.Integer(),
  sessionExpirySeconds: Type.Integer(),
  certificate: Type.Object({ issuer: Type.String(), serial: Type.String(), notAfter: instant }),
  will: Type.Optional(AnnouncedWillSchema),
});
export type Connected = Static<typeof ConnectedSchema>;

export const DisconnectedSchema = Type.Object({
  kind: Type.Literal('disconnected'),
  ...writer,
  ...holder,
  cause: DisconnectCauseSchema,
  reasonCode: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  /** How long the session outlives the connection, where the vehicle left with its will: DISCONNECT may say another time than CONNECT. */
  sessionExpirySeconds: Type.Optional(Type.Integer({ minimum: 0 })),
  /** For how long its will is kept back from then on; `connected` says how long it would have been, had the session lasted as agreed. */
  willDelaySeconds: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type Disconnected = Static<typeof DisconnectedSchema>;

export const WillPublishedSchema = Type.Object({
  kind: Type.Literal('will'),
  ...writer,
  ...holder,
  topic: Type.String(),
  payloadBase64: Type.String(),
});
export type WillPublished = Static<typeof WillPublishedSchema>;

/** A writer's sign of life in one partition. The partition's clock is made of these. */
export const LeaseSchema = Type.Object({
  kind: Type.Literal('lease'),
  ...writer,
  role: Type.Enum(['broker', 'alerts']),
  partition: Type.Integer({ minimum: 0 }),
  /** A broker that keeps the MQTT state (`mqtt.*`): there is one at a time. */
  keepsState: Type.Optional(Type.Boolean()),
});
export type Lease = Static<typeof LeaseSchema>;

/** A refused connection attempt, with how many of the same kind it stands for. */
export const RefusedSchema = Type.Object({
  kind: Type.Literal('refused'),
  ...writer,
  at: instant,
  address: Type.String(),
  commonName: Type.Optional(Type.String()),
  organisation: Type.Optional(Type.String()),
  issuer: Type.Optional(Type.String()),
  serial: Type.Optional(Type.String()),
  notAfter: Type.Optional(instant),
  reason: RefusalReasonSchema,
  remedy: Type.String(),
  count: Type.Integer({ minimum: 1 }),
});
export type Refused = Static<typeof RefusedSchema>;

export const PresenceRecordSchema = Type.Union([ConnectedSchema, DisconnectedSchema, WillPublishedSchema, LeaseSchema, RefusedSchema]);
export type PresenceRecord = Static<typeof PresenceRecordSchema>;

/** CloudEvents 1.0 attributes of a presence record, as Kafka headers in binary mode. */
export function presenceHeaders(record: PresenceRecord, at: Date): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: `${record.node}/${record.epoch}/${record.counter}`,
    ce_source: `/nodes/${record.node}`,
    ce_type: `milepost.presence.${record.kind}.v1`,
    ce_time: at.toISOString(),
  };
}

/** Times of the presence rules, in milliseconds of the partition's clock unless said otherwise. */
export const presenceTimes = {
  /** Wall time between two leases of a writer. */
  leaseIntervalMs: 2_000,
  /** A writer is lost when another has written this many leases since its last one … */
  leasesUntilLost: 5,
  /** … each at least this much LogAppendTime after the one counted before. */
  countedLeaseGapMs: 1_500,
  /** The most that a partition's clock advances in one step. */
  maxClockStepMs: 4_000,
  /** A node whose last acknowledged lease is older takes a new epoch before it goes on. */
  staleLeaseMs: 8_000,
  /** Grace of a vehicle whose broker went away. */
  nodeGraceMs: 150_000,
  /** How long an ended connection's id is remembered: it never opens again. */
  closedConnectionMs: 86_400_000,
} as const;
