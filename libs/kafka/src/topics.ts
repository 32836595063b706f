import { type TopicPolicy, topicPolicies } from '@milepost/contracts';
import { type Logger, sleep } from '@milepost/runtime';
import kafkajs from 'kafkajs';
import type { KafkaConnection } from './connection.js';
import { chooseReplicas, REPLICAS } from './replicas.js';
import { TopicsError } from './topics-error.js';

export interface ProvisionOptions {
  partitions: number;
  /** Of topics that are made; see `replicasOfNewTopics` where it is not named. */
  replicationFactor?: number | undefined;
  /** In production (NODE_ENV=production) unsafe replication is an error, else a warning. */
  production?: boolean;
  logger: Logger;
  /** Hears of risks where they are no error, beside the log. */
  onRisk?: (risk: string) => void;
}

export interface ProvisionedTopic {
  /** Logical name. */
  topic: string;
  partitions: number;
  created: boolean;
}

const FEW_COPIES =
  'They have fewer copies than Kafka has nodes, and were perhaps made while one was away. Add copies with kafka-reassign-partitions, then set min.insync.replicas to 2.';
const LEADERS_TIMEOUT_MS = 30_000;
const LEADERS_POLL_MS = 100;

/**
 * Whoever reads such a topic at its start reads what is not compacted yet too: segments are small and closed soon. A record stays at
 * least a minute: time to put right what an older writer, or a late copy of a request, has put behind it.
 */
const COMPACTION = {
  'cleanup.policy': 'compact',
  'segment.bytes': String(64 * 1024 * 1024),
  'segment.ms': '3600000',
  'min.cleanable.dirty.ratio': '0.3',
  'min.compaction.lag.ms': '60000',
};

/** Makes the topics of the contract that are missing and checks all. Two may do it at once. @throws TopicsError */
export async function provisionTopics(connection: KafkaConnection, options: ProvisionOptions): Promise<ProvisionedTopic[]> {
  const { partitions, logger } = options;
  const present = new Set(await connection.askAdmin((admin) => admin.listTopics()));
  const missing = topicPolicies.filter(({ topic }) => !present.has(connection.physicalTopic(topic)));
  if (missing.length > 0) {
    const others = topicPolicies.filter((policy) => !missing.includes(policy)).map(({ topic }) => connection.physicalTopic(topic));
    const replicationFactor = await chooseReplicas(connection, await mostReplicas(connection, others), options.replicationFactor);
    const made = missing.map((policy) => ({
      topic: connection.physicalTopic(policy.topic),
      numPartitions: partitions,
      replicationFactor,
      configEntries: configEntries(policy, replicationFactor),
    }));
    await connection.askAdmin((admin) => admin.createTopics({ waitForLeaders: false, topics: made }));
    await untilLed(
      connection,
      missing.map(({ topic }) => connection.physicalTopic(topic)),
      partitions,
    );
    logger.info({ event: 'kafka.topics.created', topics: missing.map(({ topic }) => topic), partitions, replicationFactor }, 'Topics made');
  }
  await verifyTopics(connection, new Map(topicPolicies.map(({ topic }) => [topic, partitions])));
  await verifySettings(connection, options);
  return topicPolicies.map((policy) => ({ topic: policy.topic, partitions, created: missing.includes(policy) }));
}

async function mostReplicas(connection: KafkaConnection, names: string[]): Promise<number> {
  // Asked of none, Kafka tells of all.
  if (names.length === 0) return 0;
  const { topics } = await connection.askAdmin((admin) => admin.fetchTopicMetadata({ topics: names }));
  return Math.max(0, ...topics.flatMap(({ partitions }) => partitions.map(({ replicas }) => replicas.length)));
}

/**
 * A new topic is known to its controller at once and to the other brokers later. kafkajs's own waiting gives up on the first
 * "does not host this topic-partition", which only means that it is too early.
 */
async function untilLed(connection: KafkaConnection, names: string[], partitions: number): Promise<void> {
  const deadlineMs = performance.now() + LEADERS_TIMEOUT_MS;
  for (;;) {
    try {
      const { topics } = await connection.askAdmin((admin) => admin.fetchTopicMetadata({ topics: names }));
      if (topics.every((topic) => topic.partitions.filter(({ leader }) => leader >= 0).length === partitions)) return;
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
    }
    if (performance.now() > deadlineMs) {
      throw new TopicsError([
        `${names.join(', ')}: no leader for every partition ${LEADERS_TIMEOUT_MS / 1_000} s after they were made. Look into Kafka's log.`,
      ]);
    }
    await sleep(LEADERS_POLL_MS);
  }
}

/** Partition counts are fixed when an installation is made: a key's partition depends on them. @throws TopicsError */
export async function verifyTopics(connection: KafkaConnection, expected: ReadonlyMap<string, number>): Promise<void> {
  const present = new Set(await connection.askAdmin((admin) => admin.listTopics()));
  const problems: string[] = [];
  for (const [topic, partitions] of expected) {
    const name = connection.physicalTopic(topic);
    if (!present.has(name)) {
      problems.push(`${name} does not exist. Was KAFKA_TOPIC_PREFIX changed, or is this another Kafka? "npx milepost migrate" makes it.`);
      continue;
    }
    const { topics } = await connection.askAdmin((admin) => admin.fetchTopicMetadata({ topics: [name] }));
    const found = topics[0]?.partitions.length ?? 0;
    if (found !== partitions) {
      problems.push(
        `${name} has ${found} partitions, and ${partitions} are recorded or configured. Partitions cannot be changed afterwards: keys would move. Where the installation was made with ${found}, give every app KAFKA_PARTITIONS=${found}; else give it another KAFKA_TOPIC_PREFIX.`,
      );
    }
  }
  if (problems.length > 0) throw new TopicsError(problems);
}

function configEntries({ retention, maxMessageBytes, timestampType }: TopicPolicy, replicationFactor: number) {
  return Object.entries({
    ...(retention === 'latest' ? COMPACTION : { 'cleanup.policy': 'delete', 'retention.ms': String(retention) }),
    'max.message.bytes': String(maxMessageBytes),
    'message.timestamp.type': timestampType,
    'min.insync.replicas': String(replicationFactor >= REPLICAS ? 2 : 1),
    'unclean.leader.election.enable': 'false',
  }).map(([name, value]) => ({ name, value }));
}

async function verifySettings(connection: KafkaConnection, options: ProvisionOptions): Promise<void> {
  const { logger, onRisk, production = process.env.NODE_ENV === 'production' } = options;
  const { problems, risks, few, nodes } = await judgeTopics(connection, topicPolicies);
  if (few.length > 0) {
    logger.warn({ event: 'kafka.topics.few-copies', topics: few, nodes }, FEW_COPIES);
    onRisk?.(`${few.join(', ')}: ${FEW_COPIES}`);
  }
  if (production) problems.push(...risks);
  else
    for (const risk of risks) {
      const what = `${risk} Production refuses to start like this.`;
      logger.warn({ event: 'kafka.topics.unsafe' }, what);
      onRisk?.(what);
    }
  if (problems.length > 0) throw new TopicsError(problems);
}

/** What of topics that are there can lose what was acknowledged, a sentence each with what to do about it. */
export async function topicRisks(connection: KafkaConnection, topics: ReadonlySet<string>): Promise<string[]> {
  const { risks, few } = await judgeTopics(
    connection,
    topicPolicies.filter(({ topic }) => topics.has(topic)),
  );
  return few.length > 0 ? [`${few.join(', ')}: ${FEW_COPIES}`, ...risks] : risks;
}

async function judgeTopics(connection: KafkaConnection, policies: readonly TopicPolicy[]) {
  const names = policies.map(({ topic }) => connection.physicalTopic(topic));
  // Asked of none, Kafka tells of all.
  if (names.length === 0) return { problems: [], risks: [], few: [], nodes: 0 };
  const metadata = await connection.askAdmin((admin) => admin.fetchTopicMetadata({ topics: names }));
  const { brokers } = await connection.askAdmin((admin) => admin.describeCluster());
  const asked = names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name }));
  const { resources } = await connection.askAdmin((admin) => admin.describeConfigs({ includeSynonyms: false, resources: asked }));
  const judged = policies.map((policy) => {
    const name = connection.physicalTopic(policy.topic);
    const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
    const settings = new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
    const replicas = metadata.topics.find((topic) => topic.name === name)?.partitions[0]?.replicas.length ?? 0;
    return judgeTopic({ name, policy, replicas, settings });
  });
  return {
    problems: judged.flatMap(({ problems }) => problems),
    risks: judged.flatMap(({ risks }) => risks),
    few: withFewCopies(metadata.topics, brokers.length),
    nodes: brokers.length,
  };
}

/** Names of those of which a partition has fewer copies than Kafka's nodes allow, up to three. */
export function withFewCopies(
  topics: readonly { name: string; partitions: readonly { replicas: readonly number[] }[] }[],
  nodes: number,
): string[] {
  const least = Math.min(REPLICAS, nodes);
  return topics.filter(({ partitions }) => partitions.some(({ replicas }) => replicas.length < least)).map(({ name }) => name);
}

export interface TopicAsFound {
  /** Physical. */
  name: string;
  policy: TopicPolicy;
  replicas: number;
  settings: ReadonlyMap<string, string>;
}

/** Problems break what depends on the topic; risks can lose what was acknowledged. */
export function judgeTopic({ name, policy, replicas, settings }: TopicAsFound): { problems: string[]; risks: string[] } {
  const problems: string[] = [];
  const risks: string[] = [];
  const largest = Number(settings.get('max.message.bytes'));
  if (largest < policy.maxMessageBytes) {
    problems.push(`${name}: max.message.bytes is ${largest}, and batches need ${policy.maxMessageBytes}. Raise it with kafka-configs.`);
  }
  const cleanup = settings.get('cleanup.policy') ?? 'delete';
  const wanted = policy.retention === 'latest' ? 'compact' : 'delete';
  if (cleanup !== wanted) {
    problems.push(`${name}: cleanup.policy is ${cleanup}, and must be ${wanted}, or records are lost. Set it with kafka-configs.`);
  }
  const timestamps = settings.get('message.timestamp.type');
  if (timestamps !== policy.timestampType) {
    problems.push(`${name}: message.timestamp.type is ${timestamps}, and must be ${policy.timestampType}. Set it with kafka-configs.`);
  }
  const inSync = Number(settings.get('min.insync.replicas'));
  if (replicas >= REPLICAS && inSync < 2) {
    risks.push(
      `${name}: min.insync.replicas is ${inSync} with ${replicas} replicas; one lost broker can lose what was acknowledged. Set it to 2.`,
    );
  }
  if (replicas >= REPLICAS && settings.get('unclean.leader.election.enable') === 'true') {
    risks.push(
      `${name}: unclean.leader.election.enable is on; a late replica may become leader without what was acknowledged. Turn it off.`,
    );
  }
  return { problems, risks };
}
