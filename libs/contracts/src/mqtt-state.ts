import Type, { type Static } from 'typebox';

/**
 * What the broker keeps of MQTT in compacted topics: `mqtt.sessions`, `mqtt.messages`, `mqtt.retained` (decision 0010). A record names
 * its writer's epoch and counter: of two for one key the higher pair counts, whichever stands later in the log.
 */
const stamp = { node: Type.String(), epoch: Type.Integer(), counter: Type.Integer() };
const qos = Type.Union([Type.Literal(0), Type.Literal(1), Type.Literal(2)]);
const packetId = Type.Integer({ minimum: 1, maximum: 65_535 });
const instant = Type.String({ format: 'date-time' });
/** The stamp that a session began with, which tells it from others of its client. */
const born = Type.Object({ epoch: Type.Integer(), counter: Type.Integer() });

/** `epoch/counter` of the record of a message. */
const messageId = Type.String({ pattern: '^[0-9]+/[0-9]+$' });

/** Properties of MQTT 5.0 under the names of libs/mqtt; binary ones as base64. */
export const KeptPropertiesSchema = Type.Object({
  payloadFormatIndicator: Type.Optional(Type.Union([Type.Literal(0), Type.Literal(1)])),
  contentType: Type.Optional(Type.String()),
  responseTopic: Type.Optional(Type.String()),
  correlationData: Type.Optional(Type.String()),
  userProperties: Type.Optional(Type.Array(Type.Tuple([Type.String(), Type.String()]))),
});
export type KeptProperties = Static<typeof KeptPropertiesSchema>;

const message = {
  topic: Type.String(),
  qos,
  retain: Type.Boolean(),
  properties: KeptPropertiesSchema,
  expiresAt: Type.Optional(instant),
};

/** Claim and subscriptions of a session that outlives its connection. Key `session:{client}`. */
export const SessionRecordSchema = Type.Object({
  kind: Type.Literal('session'),
  ...stamp,
  organisation: Type.String(),
  clientId: Type.String(),
  /** Nothing that was written before belongs to this session: it is one of an earlier session of the client. */
  born,
  expirySeconds: Type.Integer({ minimum: 0 }),
  /** Absent while it is connected. */
  disconnectedAt: Type.Optional(instant),
  subscriptions: Type.Array(
    Type.Object({
      filter: Type.String(),
      qos,
      noLocal: Type.Boolean(),
      retainAsPublished: Type.Boolean(),
      retainHandling: Type.Union([Type.Literal(0), Type.Literal(1), Type.Literal(2)]),
      identifier: Type.Optional(Type.Integer({ minimum: 1 })),
      /**
       * Set while what its topics retain is handed out, and not all of that is on record: which hand-out it is. A later `outbound` that does
       * not name it says that it is over.
       */
      handOut: Type.Optional(messageId),
    }),
  ),
});
export type SessionRecord = Static<typeof SessionRecordSchema>;

/** What is in flight towards the client. Key `outbound:{client}`. Its messages up to `takenUpTo` that are not in flight are done with. */
export const OutboundRecordSchema = Type.Object({
  kind: Type.Literal('outbound'),
  ...stamp,
  lastPacketId: Type.Integer({ minimum: 0, maximum: 65_535 }),
  takenUpTo: Type.Optional(Type.Object({ message: messageId, copy: Type.Integer({ minimum: 0 }) })),
  inFlight: Type.Array(
    Type.Object({
      packetId,
      message: messageId,
      /** Which of the copies that the session gets of it. */
      copy: Type.Integer({ minimum: 0 }),
      awaiting: Type.Enum(['puback', 'pubrec', 'pubcomp']),
    }),
  ),
  /** Hand-outs of retained messages that were not over when this was written. Absent: none. */
  handingOut: Type.Optional(Type.Array(messageId)),
});
export type OutboundRecord = Static<typeof OutboundRecordSchema>;

/** QoS 2 identifiers of the client that it has not released. Key `inbound:{client}`. Identifiers in later message records count too. */
export const InboundRecordSchema = Type.Object({
  kind: Type.Literal('inbound'),
  ...stamp,
  received: Type.Array(Type.Object({ packetId, message: Type.Optional(messageId) })),
  /** On their way when this was written: received if the record of the message exists. */
  arriving: Type.Array(Type.Object({ packetId, message: messageId })),
});
export type InboundRecord = Static<typeof InboundRecordSchema>;

const will = {
  ...stamp,
  organisation: Type.String(),
  clientId: Type.String(),
  will: Type.Object({ ...message, payloadBase64: Type.String(), messageExpirySeconds: Type.Optional(Type.Integer()) }),
  delaySeconds: Type.Integer({ minimum: 0 }),
  /** Of this will, however often it is written: stamp of its first record. Absent: that of this one. */
  id: Type.Optional(messageId),
  /** The connection has ended, and the delay runs. */
  dueAt: Type.Optional(instant),
  /** Set with `dueAt`: the session that it waits with. As soon as the client's claim is another, or none, it is to be published. */
  session: Type.Optional(born),
};

/** A will that may have to be published. Key `will:{client}`. */
export const WillRecordSchema = Type.Object({
  kind: Type.Literal('will'),
  ...will,
});
export type WillRecord = Static<typeof WillRecordSchema>;

/** The will of a CONNECT while the client's will of before is still needed in its place. Key `nextWill:{client}`. */
export const NextWillRecordSchema = Type.Object({
  kind: Type.Literal('nextWill'),
  ...will,
  /** False: the CONNECT may be refused, and this is no will then. True: both are wills; that of before is to be published. */
  established: Type.Boolean(),
  /** Set where a clean start ends the session of the will of before: as soon as the client's claim is this one, or none (null), it is established too. */
  establishedBy: Type.Optional(Type.Union([born, Type.Null()])),
});
export type NextWillRecord = Static<typeof NextWillRecordSchema>;

export const ClientStateSchema = Type.Union([
  SessionRecordSchema,
  OutboundRecordSchema,
  InboundRecordSchema,
  WillRecordSchema,
  NextWillRecordSchema,
]);
export type ClientState = Static<typeof ClientStateSchema>;

/** The sessions that a message waits for, with one entry for each copy. */
const receivers = Type.Array(
  Type.Object({
    client: Type.String(),
    qos: Type.Union([Type.Literal(1), Type.Literal(2)]),
    retain: Type.Boolean(),
    /** Set where RETAIN is 1 by Retain As Published alone: a client that comes back with 3.1.1 gets 0. */
    retainedAsPublished: Type.Optional(Type.Literal(true)),
    identifier: Type.Optional(Type.Integer({ minimum: 1 })),
    share: Type.Optional(Type.String()),
    /** Set while another session is about to take the place of this one, and where this one began after the stamp above: `born` of the one that is meant. */
    session: Type.Optional(messageId),
    /** Set where it is what its topic retained, and all of that was not on record yet: the hand-out that this copy is of. */
    handOut: Type.Optional(messageId),
  }),
);

/**
 * Header `message` of a record in `mqtt.messages`, whose value is the payload and whose key is `{node}/{epoch}/{counter}`. `retain`: as it
 * was published, whatever its receivers get.
 */
export const KeptMessageSchema = Type.Object({
  ...stamp,
  organisation: Type.String(),
  ...message,
  /** Set where its QoS 2 identifier is not released: the sender's client key. */
  sender: Type.Optional(Type.Object({ client: Type.String(), packetId, session: Type.Optional(messageId) })),
  /** Set where it is a will: while this record is there, the will of that id has been published. */
  will: Type.Optional(Type.Object({ client: Type.String(), id: messageId })),
  /** Set where a shared message went from an ended session to another: the copy that this record took the place of. */
  passedOn: Type.Optional(Type.Object({ message: messageId, copy: Type.Integer({ minimum: 0 }) })),
  receivers,
  /** Set where it was written before, with other receivers: for which time. The highest counts, whichever stands later in the log. */
  round: Type.Optional(Type.Integer({ minimum: 2 })),
  /** Keys of the records with the receivers that follow these, in order; they are older in the log than this one. */
  parts: Type.Optional(Type.Array(Type.String())),
});
export type KeptMessage = Static<typeof KeptMessageSchema>;

/**
 * Header `receivers` of a record in `mqtt.messages` without a value: receivers for whom the record of their message has no room. It counts for
 * nothing unless that names it. Key `{key of the message}/{round}.{number}`.
 */
export const KeptReceiversSchema = Type.Object({ epoch: stamp.epoch, receivers });
export type KeptReceivers = Static<typeof KeptReceiversSchema>;

/** The record in `mqtt.messages` that it is of, where it has one there. It counts for as late as that: what came in between had its turn before. */
const of = Type.Optional(messageId);

/** Header `message` of a record in `mqtt.retained`, whose value is the payload and whose key is `{organisation}/{topic}`. */
export const RetainedRecordSchema = Type.Object({ ...stamp, organisation: Type.String(), ...message, of });
export type RetainedRecord = Static<typeof RetainedRecordSchema>;

/** Header `removed` of a tombstone in `mqtt.sessions` and `mqtt.retained`: when it was written, so that an earlier record behind it is known for one. */
export const RemovalSchema = Type.Object({ ...stamp, of });
export type Removal = Static<typeof RemovalSchema>;

export const mqttHeaders = { message: 'message', receivers: 'receivers', removed: 'removed' } as const;
