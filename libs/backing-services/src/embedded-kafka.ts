import { execFile } from 'node:child_process';

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { processStartTime } from '@milepost/files';
import Type, { type Static } from 'typebox';
import { BackingServiceError } from './backing-service-error.js';
import { newClusterId } from './cluster-id.js';
import { findJava, withUtf8Names } from './java-tools.js';
import { kafkaAnswers } from './kafka-answers.js';
import { kafkaJars } from './kafka-jars.js';
import { choosePort } from './ports.js';
import { propertyValue } from './property-value.js';
import { orStopped, type ServiceProcess, startServiceProcess } from './service-process.js';
import { howToMend, readServiceRecord, writeServiceRecord } from './service-record.js';
import { untilAnswering } from './until-answering.js';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const ASSETS = fileURLToPath(new URL('../kafka/', import.meta.url));

const recordSchema = Type.Object({
  clusterId: Type.String(),
  port: Type.Integer(),
  controllerPort: Type.Integer(),
  pid: Type.Optional(Type.Integer()),
  startTime: Type.Optional(Type.String()),
});
type KafkaRecord = Static<typeof recordSchema>;

export interface EmbeddedKafkaOptions {
  /** Holds the data, the ports and the cluster id; kept from start to start. */
  dir: string;
  logFile: string;
  environment: NodeJS.ProcessEnv;
  log: (line: string) => void;
  heapMb?: number;
  /** `light` starts fast and stays small; `throughput` lets the compiler work, for benchmarks. */
  profile?: 'light' | 'throughput';
  onProcess?: (process: ServiceProcess) => void;
  /** This node is one of several; alone unless given. It answers when most of them are there: start them together. */
  cluster?: KafkaClusterSeat;
}

export interface KafkaNode {
  nodeId: number;
  port: number;
  controllerPort: number;
}

/** One node's place in a cluster whose nodes are all on 127.0.0.1, each of them broker and controller. */
export interface KafkaClusterSeat {
  clusterId: string;
  nodeId: number;
  /** All of them, this one too. */
  nodes: readonly KafkaNode[];
}

export interface EmbeddedKafka {
  brokers: string[];
  clusterId: string;
  process: ServiceProcess;
  /** SIGTERM, which closes the logs in order; the data stays. */
  stop(): Promise<void>;
}

/** A real Apache Kafka in KRaft mode, one node (of several, where `cluster` says so), on 127.0.0.1. Found again with its data at the next start in the same folder. */
export async function startEmbeddedKafka(options: EmbeddedKafkaOptions): Promise<EmbeddedKafka> {
  const { dir, logFile, environment, log, heapMb = 384, profile = 'light', onProcess, cluster } = options;
  mkdirSync(dir, { recursive: true });
  const recordFile = join(dir, 'service.json');
  const before = readServiceRecord<KafkaRecord>(recordFile, recordSchema);
  refuseIfRunning(before, dir);

  const java = findJava(environment);
  const jars = await kafkaJars({ pomFile: join(ASSETS, 'pom.xml'), fallbackDir: join(dir, 'jars'), environment, log });
  const seat = cluster?.nodes.find(({ nodeId }) => nodeId === cluster.nodeId);
  const record: KafkaRecord = {
    clusterId: cluster?.clusterId ?? before?.clusterId ?? newClusterId(),
    port: seat?.port ?? (await choosePort(before?.port)),
    controllerPort: seat?.controllerPort ?? (await choosePort(before?.controllerPort)),
  };
  writeServiceRecord(recordFile, record);
  const classPath = join(jars, '*');
  const nodes = cluster?.nodes ?? [{ ...record, nodeId: 1 }];
  const layout: Layout = { ...record, nodeId: cluster?.nodeId ?? 1, nodes };
  await formatOnce({ java, classPath, dir, layout, environment });
  const properties = writeProperties(dir, 'server.properties', layout, join(dir, 'data'));

  const child = await startServiceProcess({
    name: 'kafka',
    command: java,
    args: [...jvmFlags(heapMb, profile), '-cp', classPath, 'kafka.Kafka', properties],
    logFile,
    environment: withUtf8Names(environment),
    stopSignal: 'SIGTERM',
  });
  const stop = () => child.stop(STOP_TIMEOUT_MS);
  return orStopped(stop, async () => {
    onProcess?.(child);
    const startTime = processStartTime(child.pid);
    writeServiceRecord(recordFile, { ...record, pid: child.pid, ...(startTime !== undefined && { startTime }) });
    const brokers = [`127.0.0.1:${record.port}`];
    await untilAnswering(child, dir, START_TIMEOUT_MS, () => kafkaAnswers({ KAFKA_BROKERS: brokers.join(',') }));
    return { brokers, clusterId: record.clusterId, process: child, stop };
  });
}

function refuseIfRunning(record: KafkaRecord | undefined, dir: string): void {
  if (record?.pid === undefined || record.startTime === undefined || processStartTime(record.pid) !== record.startTime) return;
  throw new BackingServiceError(
    'folder_in_use',
    `Kafka (process ${record.pid}) is running on ${dir} already. Stop the milepost that started it, or choose another MILEPOST_DATA_DIR.`,
  );
}

interface Layout extends KafkaNode {
  clusterId: string;
  nodes: readonly KafkaNode[];
}

interface FormatOptions {
  java: string;
  classPath: string;
  dir: string;
  layout: Layout;
  environment: NodeJS.ProcessEnv;
}

/** A data folder appears by a rename when it is formatted, so one that exists is whole or was damaged later. */
async function formatOnce({ java, classPath, dir, layout, environment }: FormatOptions): Promise<void> {
  const data = join(dir, 'data');
  if (existsSync(data)) {
    if (existsSync(join(data, 'meta.properties'))) return;
    throw new BackingServiceError('folder_damaged', `${data} has no meta.properties: it is not a Kafka data folder. ${howToMend(dir)}`);
  }
  const unfinished = join(dir, 'data.unfinished');
  rmSync(unfinished, { recursive: true, force: true });
  const properties = writeProperties(dir, 'format.properties', layout, unfinished);
  const flags = [
    '-Xmx128m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:-UsePerfData',
    `-Dlog4j2.configurationFile=${LOG_SETTINGS}`,
  ];
  const tool = ['-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', layout.clusterId, '-c', properties];
  await promisify(execFile)(java, [...flags, ...tool], { env: withUtf8Names(environment), timeout: START_TIMEOUT_MS });
  renameSync(unfinished, data);
  rmSync(properties);
}

const MOST_REPLICAS = 3;

function writeProperties(dir: string, name: string, { nodeId, port, controllerPort, nodes }: Layout, logDir: string): string {
  const values: Record<string, string> = {
    nodeId: String(nodeId),
    voters: nodes.map((node) => `${node.nodeId}@127.0.0.1:${node.controllerPort}`).join(','),
    port: String(port),
    controllerPort: String(controllerPort),
    replicas: String(Math.min(MOST_REPLICAS, nodes.length)),
    logDir,
  };
  const template = readFileSync(join(ASSETS, 'server.properties.template'), 'utf8');
  const file = join(dir, name);
  writeFileSync(
    file,
    template.replace(/\{\{(\w+)\}\}/g, (_, key: string) => propertyValue(values[key] ?? '')),
  );
  return file;
}

const LOG_SETTINGS = join(ASSETS, 'log4j2.properties');

/** Heap and compiled code in pages of 2 MiB, where Linux gives them to who asks. Elsewhere the JVM does not know the flag, and would not start. */
const LARGE_PAGES = process.platform === 'linux' ? ['-XX:+UseTransparentHugePages'] : [];

function jvmFlags(heapMb: number, profile: 'light' | 'throughput'): string[] {
  const compiler = profile === 'light' ? ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'] : LARGE_PAGES;
  return [`-Xms${Math.min(128, heapMb)}m`, `-Xmx${heapMb}m`, ...compiler, '-XX:-UsePerfData', `-Dlog4j2.configurationFile=${LOG_SETTINGS}`];
}
