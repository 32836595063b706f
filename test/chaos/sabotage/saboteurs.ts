import type { Audit } from '../ledger/audit.js';

export interface Change {
  file: string;
  /** Must be in the file, once. */
  original: string;
  replacement: string;
}

/** One lie of the pipeline: what is changed in its source, what brings it to light, and what the ledger must then find. */
export interface Saboteur {
  name: string;
  does: string;
  changes: Change[];
  /** Of a run that is long enough to find it. */
  run: string[];
  /** At least one of these must be found. */
  finds: (keyof Audit)[];
}

export const saboteurs: readonly Saboteur[] = [
  {
    name: 'early-acknowledgement',
    does: 'the broker acknowledges, and gives the record to Kafka a second later',
    changes: [
      {
        file: 'apps/broker/src/bridge/bridge.ts',
        original: '    this.log.putAll(records, new HeldBytes(bytes, messages.length, this.budget, receiver));',
        replacement: `    const held = new HeldBytes(bytes, messages.length, this.budget, receiver);
    setTimeout(() => this.log.putAll(records, { settled: () => undefined }), 1_000);
    queueMicrotask(() => held.settled({ kind: 'stored', partition: 0, offset: 0n, timestampMs: 0 }, 0, messages.length));`,
      },
    ],
    // Without the second only what waits for its batch is lost, some 5 ms of each kill: five of these faults in two minutes have missed it.
    run: ['--kafka-nodes', '1', '--faults', 'kill-broker,freeze-kafka', '--minutes', '2'],
    finds: ['lost'],
  },
  {
    name: 'no-fence',
    does: 'ingest stores a batch whatever the stored position is',
    changes: [
      {
        file: 'libs/database/sql/ingest/advance-offsets.sql',
        original: '     and o.next_offset = w.first_offset',
        replacement: '     and w.first_offset is not null',
      },
    ],
    run: ['--kafka-nodes', '1', '--faults', 'freeze-ingest', '--minutes', '1.2'],
    finds: ['rewound', 'lost', 'storedTwice'],
  },
  {
    name: 'no-coverage-check',
    does: 'the writer lets kafkajs try again by itself, and believes its answer also where it does not name every partition',
    changes: [
      {
        file: 'libs/kafka/src/writer/batch-delivery.ts',
        original: '      onAnswers(answers);',
        replacement: `      onAnswers(answers);
      onAnswers([...unanswered].map(({ topic, partition }) => ({ topic, partition, baseOffset: 0n })));`,
      },
      // Within its own attempts is where kafkajs forgets a partition whose leader has moved.
      {
        file: 'libs/kafka/src/writer/produce-client.ts',
        original: '      retry: { retries: 0 },\n      allowAutoTopicCreation: false,',
        replacement: '      retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 1_000 },\n      allowAutoTopicCreation: false,',
      },
    ],
    run: ['--kafka-nodes', '3', '--faults', 'lose-one-node,move-leaders,lose-two-nodes', '--minutes', '2'],
    finds: ['lost'],
  },
];
