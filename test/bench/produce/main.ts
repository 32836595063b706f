// `npm run bench:produce [-- rounds]`: what a record costs on its way into a Produce request, ours beside kafkajs's; only ratios say something.
import { createRequire } from 'node:module';
import { encodedBytes, encodeProduceRequest, type ProduceRequest } from '@milepost/kafka';
import { parseOptions, usage } from './options.js';

const PARTITIONS = 12;
const RECORDS_A_ROUND = 60_000;
const WARM_UP_ROUNDS = 2;
const options = parseOptions(process.argv.slice(2));
if (options === 'help') {
  process.stdout.write(usage);
  process.exit(0);
}
const { rounds } = options;
const requireHere = createRequire(import.meta.url);

interface Message {
  key: string | null;
  value: Buffer | null;
  headers: Readonly<Record<string, string | Buffer>> | undefined;
  timestamp: string;
  partition: number;
}
type Grouped = Record<number, Message[]>;
type Group = (of: {
  topic: string;
  partitionMetadata: readonly object[];
  messages: readonly Message[];
  partitioner(of: { message: Message }): number;
}) => Grouped;
const group = requireHere('kafkajs/src/producer/groupMessagesPerPartition.js') as Group;
const produce = requireHere('kafkajs/src/protocol/requests/produce/v7/request.js') as (data: object) => {
  encode(): Promise<{ buffer: Buffer }>;
};

/** What a tick of 200 vehicles leaves behind, 198 bytes each. */
function requestOf(recordsAPartition: number): ProduceRequest {
  const headers = { organisation: 'default' };
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({
    partition,
    messages: Array.from({ length: recordsAPartition }, (_, index) => {
      const fields = {
        key: `truck-${100_000 + index}`,
        value: Buffer.alloc(198, 0x20),
        headers,
        timestampMs: 1_790_000_000_000 + (index % 5),
      };
      return { ...fields, bytes: encodedBytes(fields) };
    }),
  }));
  return { acks: -1, timeoutMs: 30_000, topics: [{ topic: 'fleet.location', partitions }] };
}

function messagesOf({ topics }: ProduceRequest): Message[] {
  return topics.flatMap(({ partitions }) =>
    partitions.flatMap(({ partition, messages }) =>
      messages.map(({ key, value, headers, timestampMs }) => ({ key, value, headers, timestamp: String(timestampMs), partition })),
    ),
  );
}

function grouped(messages: readonly Message[]): Grouped {
  return group({ topic: 'fleet.location', partitionMetadata: [{}], messages, partitioner: ({ message }) => message.partition });
}

async function theirs(byPartition: Grouped): Promise<Buffer> {
  const partitions = Object.entries(byPartition).map(([partition, messages]) => ({
    partition: Number(partition),
    firstSequence: 0,
    messages,
  }));
  return (await produce({ acks: -1, timeout: 30_000, topicData: [{ topic: 'fleet.location', partitions }] }).encode()).buffer;
}

/** Microseconds a record of each side, medians; the sides take turns, so that a busy machine is busy for both. */
async function measure(records: number, sides: readonly (() => unknown)[]): Promise<number[]> {
  const times: number[][] = sides.map(() => []);
  const repeats = Math.max(1, Math.round(RECORDS_A_ROUND / records));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const [side, work] of sides.entries()) {
      const before = process.cpuUsage();
      for (let repeat = 0; repeat < repeats; repeat += 1) await work();
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) times[side]?.push((user + system) / (repeats * records));
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0);
}

process.stdout.write(
  '| records a partition | ours, µs CPU a record | kafkajs, encoding | ratio | kafkajs, grouping too | ratio |\n|---|---|---|---|---|---|\n',
);
for (const recordsAPartition of [1, 10, 100, 330]) {
  const request = requestOf(recordsAPartition);
  const messages = messagesOf(request);
  const ready = grouped(messages);
  if (!encodeProduceRequest(request).equals(await theirs(ready))) throw new Error('the two requests differ');
  const [ours = 0, encoding = 0, all = 0] = await measure(PARTITIONS * recordsAPartition, [
    () => encodeProduceRequest(request),
    () => theirs(ready),
    () => theirs(grouped(messages)),
  ]);
  const cells = [ours.toFixed(2), encoding.toFixed(2), (encoding / ours).toFixed(1), all.toFixed(2), (all / ours).toFixed(1)];
  process.stdout.write(`| ${PARTITIONS} × ${recordsAPartition} | ${cells.join(' | ')} |\n`);
}
