import { kafkaJsInside } from '../../kafkajs-inside.js';
import type { PartitionMessages, ProduceMessage } from '../produce-message.js';
import { encodeProduceRequest } from './produce-request.js';

/** Stands for all records of one partition in kafkajs, which then handles one message a partition and not each record. */
export interface WholePartition {
  partition: number;
  value: null;
  records: readonly ProduceMessage[];
  /** Is told what the node that leads it has answered, of this and its other partitions, before other nodes have, and though it has not written some. */
  answered: (answer: ProduceAnswer) => void;
}

/** As kafkajs gives the answer of one node. */
export interface ProduceAnswer {
  topics: readonly { topicName: string; partitions: readonly AnsweredPartition[] }[];
}

export interface AnsweredPartition {
  partition: number;
  /** 0: it was written. */
  errorCode: number;
  baseOffset?: string;
  logAppendTime?: string;
}

/** What kafkajs 2.2.4 asks its protocol for: how a request of this version is made, and how its answer is read. */
type Protocol = (options: { version: number | string }) => MakeRequest;
type MakeRequest = (data: ProduceData) => Asked;
interface Asked {
  request: KafkaJsRequest;
  response: KafkaJsResponse;
}

interface ProduceData {
  acks: number;
  timeout: number;
  topicData: { topic: string; partitions: { partition: number; messages: readonly (WholePartition | object)[] }[] }[];
}

interface KafkaJsRequest {
  apiVersion: number;
  /** Resolves to an `Encoder` of kafkajs, of which it uses no more than this. */
  encode(): Promise<{ buf: Buffer; buffer: Buffer }>;
}

interface KafkaJsResponse {
  /** @throws where a partition was not written. */
  parse(decoded: ProduceAnswer): Promise<ProduceAnswer>;
}

/** Record batches of format 2, in the request that this module writes. */
const FIRST_VERSION = 3;
const LAST_VERSION = 7;

/**
 * Takes the encoding of Produce requests out of kafkajs's hands where they carry whole partitions (decisions 0005 and 0013); all
 * else of kafkajs stays: connections, metadata, leaders, answers. The version is pinned; where the inside differs nothing is
 * changed, and the answer is false: its own encoder must be used.
 */
export function installLeanProduce(): boolean {
  const produce = kafkaJsInside<{ requests?: { Produce?: { protocol?: Protocol } } }>('protocol/requests/index.js')?.requests?.Produce;
  if (typeof produce?.protocol !== 'function') return false;
  const original = produce.protocol;
  const protocols = new Map<number | string, MakeRequest>();
  produce.protocol = (options) => {
    const protocol = protocols.get(options.version) ?? leanRequests(original(options));
    protocols.set(options.version, protocol);
    return protocol;
  };
  return true;
}

function leanRequests(make: MakeRequest): MakeRequest {
  /** What it makes where there are no records, by acks: for each request it asks Node for its modules again, which takes longer than our encoding. */
  const empty = new Map<number, Asked>();
  return (data) => {
    const first = data.topicData
      .flatMap(({ partitions }) => partitions)
      .flatMap(({ messages }) => messages)
      .find(isWhole);
    if (first === undefined) return make(data);
    const { request, response } = empty.get(data.acks) ?? make({ ...data, topicData: [] });
    empty.set(data.acks, { request, response });
    const parse = async (decoded: ProduceAnswer) => {
      first.answered(decoded);
      return response.parse(decoded);
    };
    return { request: { ...request, encode: () => encode(data, request.apiVersion) }, response: { ...response, parse } };
  };
}

export function wholePartition({ partition, messages }: PartitionMessages, answered: WholePartition['answered']): WholePartition {
  return { partition, value: null, records: messages, answered };
}

async function encode({ acks, timeout, topicData }: ProduceData, version: number): Promise<{ buf: Buffer; buffer: Buffer }> {
  if (version < FIRST_VERSION || version > LAST_VERSION)
    throw new Error(`Kafka wants Produce requests of version ${version}, which are not written here`);
  const topics = topicData.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, messages }) => ({ partition, messages: messages.flatMap(recordsOf) })),
  }));
  const buffer = encodeProduceRequest({ acks, timeoutMs: timeout, topics });
  return { buf: buffer, buffer };
}

function isWhole(message: WholePartition | object): message is WholePartition {
  return 'records' in message;
}

function recordsOf(message: WholePartition | object): readonly ProduceMessage[] {
  if (isWhole(message)) return message.records;
  throw new TypeError('A Produce request mixes whole partitions and single messages');
}
