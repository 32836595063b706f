/** Kafka topics by their logical names; an installation may put KAFKA_TOPIC_PREFIX before them. Everything stored or shown uses the logical name. */
export const topics = {
  location: 'fleet.location',
  diagnostics: 'fleet.diagnostics',
  status: 'fleet.status',
  presence: 'fleet.presence',
  alerts: 'fleet.alerts',
  deadLetter: 'fleet.dead-letter',
  /** State of the MQTT broker, kept by key: see `mqtt/`. */
  mqttSessions: 'mqtt.sessions',
  mqttMessages: 'mqtt.messages',
  mqttRetained: 'mqtt.retained',
} as const;

export type Topic = (typeof topics)[keyof typeof topics];

const DAY_MS = 86_400_000;
const MIB = 1_048_576;

export interface TopicPolicy {
  topic: Topic;
  /** How long a record is kept; `latest`: the last one of each key for good (log compaction). */
  retention: number | 'latest';
  /** Larger than a batch of ours, so that a full one is never refused. */
  maxMessageBytes: number;
  timestampType: 'CreateTime' | 'LogAppendTime';
}

/** How each topic is made. Partition count and replication belong to the installation. */
export const topicPolicies: readonly TopicPolicy[] = [
  { topic: topics.location, retention: 7 * DAY_MS, maxMessageBytes: MIB + 65_536, timestampType: 'CreateTime' },
  { topic: topics.diagnostics, retention: 7 * DAY_MS, maxMessageBytes: MIB + 65_536, timestampType: 'CreateTime' },
  { topic: topics.status, retention: 7 * DAY_MS, maxMessageBytes: MIB + 65_536, timestampType: 'CreateTime' },
  { topic: topics.presence, retention: 7 * DAY_MS, maxMessageBytes: MIB + 65_536, timestampType: 'LogAppendTime' },
  { topic: topics.alerts, retention: 30 * DAY_MS, maxMessageBytes: MIB + 65_536, timestampType: 'CreateTime' },
  { topic: topics.deadLetter, retention: 30 * DAY_MS, maxMessageBytes: 2 * MIB, timestampType: 'CreateTime' },
  { topic: topics.mqttSessions, retention: 'latest', maxMessageBytes: MIB + 65_536, timestampType: 'CreateTime' },
  { topic: topics.mqttMessages, retention: 'latest', maxMessageBytes: MIB + 65_536, timestampType: 'CreateTime' },
  { topic: topics.mqttRetained, retention: 'latest', maxMessageBytes: MIB + 65_536, timestampType: 'CreateTime' },
];

/** Partitions a topic, unless the installation says otherwise when it is made; fixed from then on. */
export const defaultPartitions = 12;

/** What a vehicle may publish under `fleet/{its id}/`, and where it goes. Whether it may be retained is a matter of the topic. */
export const vehicleRoutes: Readonly<Record<string, { topic: Topic; retainable: boolean }>> = {
  location: { topic: topics.location, retainable: false },
  diagnostics: { topic: topics.diagnostics, retainable: false },
  status: { topic: topics.status, retainable: true },
};

/** Headers of a bridged record. All but `organisation` stand there only when the message carried them. */
export const recordHeaders = {
  organisation: 'organisation',
  contentType: 'content-type',
  contentEncoding: 'content-encoding',
  traceparent: 'traceparent',
  replayOf: 'replay-of',
} as const;

/** The largest MQTT payload that is bridged, whatever the broker's own limit. */
export const maxBridgedBytes = 512 * 1024;
