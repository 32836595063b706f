import { sleep } from '@milepost/runtime';
import type { KafkaConnection } from './connection.js';
import { TopicsError } from './topics-error.js';

/** As many copies as hold what was acknowledged while one node is away and another one is lost. */
export const REPLICAS = 3;

const NODES_TIMEOUT_MS = 10_000;
const NODES_POLL_MS = 500;

export interface ReplicasNeeded {
  /** Of Kafka, up now. */
  nodes: number;
  /** In KAFKA_BROKERS. */
  named: number;
  /** Most copies that a topic of this installation has; 0 when there is none yet. */
  present: number;
  /** By whoever makes the topics. */
  wanted: number | undefined;
}

/**
 * How many copies a new topic gets: three where there are as many nodes; else as many as the installation's other topics have, and one on a Kafka of one
 * node. Copies are not added by themselves later, so a node that is away just now must not count for one that does not exist: two nodes, or fewer than
 * KAFKA_BROKERS names, are believed only when that is said.
 * @throws TopicsError
 */
export function replicasOfNewTopics({ nodes, named, present, wanted }: ReplicasNeeded): number {
  const least = wanted ?? Math.min(present, REPLICAS);
  if (nodes < least) {
    const why = wanted === undefined ? `the topics that are there have ${present}` : '--replication-factor asks for them';
    throw new TopicsError([`${nodesUp(nodes)}, too few for ${least} copies of a topic (${why}). Start the others first.`]);
  }
  if (wanted !== undefined) return wanted;
  if (nodes >= REPLICAS) return REPLICAS;
  if (present > 0) return present;
  const awaited = Math.max(named, nodes === 1 ? 1 : REPLICAS);
  if (nodes >= awaited) return 1;
  const expected =
    named > nodes ? `KAFKA_BROKERS names ${named}` : `${REPLICAS} are needed to lose none of what was acknowledged with one of them`;
  throw new TopicsError([
    `${nodesUp(nodes)}, and ${expected}. Topics that are made now would keep ${nodes === 1 ? 'one copy' : `${nodes} copies`} for good. Start the other nodes; if there are none, say so once: "npx milepost migrate --replication-factor ${nodes}".`,
  ]);
}

/** Asks again for a while: nodes that have just started hear of each other one after the other. @throws TopicsError */
export async function chooseReplicas(connection: KafkaConnection, present: number, wanted: number | undefined): Promise<number> {
  const named = new Set(connection.config.KAFKA_BROKERS).size;
  const deadlineMs = performance.now() + NODES_TIMEOUT_MS;
  for (;;) {
    const { brokers } = await connection.askAdmin((admin) => admin.describeCluster());
    try {
      return replicasOfNewTopics({ nodes: brokers.length, named, present, wanted });
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
    }
    await sleep(NODES_POLL_MS);
  }
}

function nodesUp(nodes: number): string {
  return nodes === 1 ? 'One node of Kafka is up' : `${nodes} nodes of Kafka are up`;
}
