import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.js';

/** All nodes at once, as when a machine room goes dark. */
const kill: Fault = {
  name: 'kill-kafka',
  does: 'kill -9 of all Kafka nodes, started again after 1 to 5 s',
  targets: ['kafka'],
  inject: async ({ system: { kafka }, random }) => {
    await kafka.kill(kafka.nodeIds);
    await delay(1_000 + random.below(4_000));
    await kafka.start(kafka.nodeIds);
  },
};

const pause: Fault = {
  name: 'freeze-kafka',
  does: 'SIGSTOP of all Kafka nodes for 5 to 14 s, then SIGCONT',
  targets: ['kafka'],
  inject: async ({ system: { kafka }, random }) => {
    kafka.signal(kafka.nodeIds, 'SIGSTOP');
    await delay(5_000 + random.below(9_000));
    kafka.signal(kafka.nodeIds, 'SIGCONT');
  },
};

const restart: Fault = {
  name: 'restart-kafka',
  does: 'every Kafka node stopped in order and started again, one after the other',
  targets: ['kafka'],
  inject: async ({ system: { kafka } }) => {
    for (const nodeId of kafka.nodeIds) {
      await kafka.stop([nodeId]);
      await kafka.start([nodeId]);
    }
  },
};

const loseOne: Fault = {
  name: 'lose-one-node',
  does: 'kill -9 of one Kafka node of three, back after 6 to 12 s',
  targets: ['kafka'],
  needs: 'three-kafka-nodes',
  inject: async ({ system: { kafka }, random }) => {
    const nodeId = random.pick(kafka.nodeIds);
    await kafka.kill([nodeId]);
    await delay(6_000 + random.below(6_000));
    await kafka.start([nodeId]);
  },
};

/** What three nodes had before the second was killed is still told meanwhile. */
const LAST_WORDS_MS = 2_000;

const loseTwo: Fault = {
  name: 'lose-two-nodes',
  does: 'kill -9 of one Kafka node of three, then of a second: nothing may be acknowledged until one is back',
  targets: ['kafka'],
  needs: 'three-kafka-nodes',
  inject: async ({ system: { kafka }, ledger, random, alone }) => {
    const left = random.pick(kafka.nodeIds);
    const [first = 0, second = 0] = kafka.nodeIds.filter((nodeId) => nodeId !== left);
    await kafka.kill([first]);
    await delay(1_000 + random.below(3_000));
    await kafka.kill([second]);
    await delay(LAST_WORDS_MS);
    const before = ledger.progress.acknowledged;
    await delay(2_000 + random.below(4_000));
    const acknowledged = ledger.progress.acknowledged - before;
    await kafka.start([first, second]);
    // Beside another fault it may be an old answer that comes late: of a broker that was frozen, or through a slow network.
    if (alone && acknowledged > 0) throw new Error(`${acknowledged} messages were acknowledged while one node of three had them`);
  },
};

/** Longer than Kafka takes to look whether the preferred leaders lead (server.properties). */
const LEADERS_RETURN_MS = 12_000;

const moveLeaders: Fault = {
  name: 'move-leaders',
  does: 'leaders move away from a node that is stopped in order, and back to it when it has returned',
  targets: ['kafka'],
  needs: 'three-kafka-nodes',
  inject: async ({ system: { kafka }, random }) => {
    const nodeId = random.pick(kafka.nodeIds);
    await kafka.stop([nodeId]);
    await delay(1_000 + random.below(2_000));
    await kafka.start([nodeId]);
    await delay(LEADERS_RETURN_MS);
  },
};

export const kafkaFaults: readonly Fault[] = [kill, pause, restart, loseOne, loseTwo, moveLeaders];
