import { join } from 'node:path';
import { choosePort, type EmbeddedKafka, type KafkaNode, newClusterId, startEmbeddedKafka } from '@milepost/backing-services';

export interface KafkaClusterOptions {
  /** Has a folder for each node, `kafka-1` and so on. */
  folder: string;
  nodes: number;
  onProcess(pid: number): void;
}

const HEAP_MB = 320;
const START_ATTEMPTS = 3;

/** Kafka nodes that can be taken down one by one and come back with their data. */
export class KafkaCluster {
  readonly brokers: string[];
  readonly #options: KafkaClusterOptions;
  readonly #clusterId: string;
  readonly #nodes: readonly KafkaNode[];
  readonly #running = new Map<number, EmbeddedKafka>();

  private constructor(options: KafkaClusterOptions, clusterId: string, nodes: readonly KafkaNode[]) {
    this.#options = options;
    this.#clusterId = clusterId;
    this.#nodes = nodes;
    this.brokers = nodes.map(({ port }) => `127.0.0.1:${port}`);
  }

  static async start(options: KafkaClusterOptions): Promise<KafkaCluster> {
    const nodes: KafkaNode[] = [];
    for (let nodeId = 1; nodeId <= options.nodes; nodeId += 1) {
      nodes.push({ nodeId, port: await choosePort(), controllerPort: await choosePort() });
    }
    const cluster = new KafkaCluster(options, newClusterId(), nodes);
    await cluster.start(cluster.nodeIds);
    return cluster;
  }

  get nodeIds(): number[] {
    return this.#nodes.map(({ nodeId }) => nodeId);
  }

  folderOf(nodeId: number): string {
    return join(this.#options.folder, `kafka-${nodeId}`);
  }

  /** Those of them that do not run; resolves when they answer. A node that dies on its way, as one whose disk was full may, is started again. */
  async start(nodeIds: readonly number[]): Promise<void> {
    await Promise.all(nodeIds.filter((nodeId) => !this.#isRunning(nodeId)).map((nodeId) => this.#launch(nodeId)));
  }

  /** Ends without a word. */
  async kill(nodeIds: readonly number[]): Promise<void> {
    for (const nodeId of nodeIds) this.signal([nodeId], 'SIGKILL');
    await Promise.all(nodeIds.map(async (nodeId) => this.#running.get(nodeId)?.process.stop(0)));
  }

  /** In order: leaders move first. */
  async stop(nodeIds: readonly number[]): Promise<void> {
    // One that is frozen would not hear of it.
    this.signal(nodeIds, 'SIGCONT');
    await Promise.all(nodeIds.map(async (nodeId) => this.#running.get(nodeId)?.stop()));
  }

  signal(nodeIds: readonly number[], signal: NodeJS.Signals): void {
    for (const nodeId of nodeIds) if (this.#isRunning(nodeId)) process.kill(this.#pidOf(nodeId), signal);
  }

  /** Of the nodes that run. */
  get processes(): { name: string; pid: number }[] {
    return this.nodeIds
      .filter((nodeId) => this.#isRunning(nodeId))
      .map((nodeId) => ({ name: `kafka-${nodeId}`, pid: this.#pidOf(nodeId) }));
  }

  #isRunning(nodeId: number): boolean {
    const node = this.#running.get(nodeId);
    return node !== undefined && node.process.ended === undefined;
  }

  #pidOf(nodeId: number): number {
    const node = this.#running.get(nodeId);
    if (node === undefined) throw new Error(`Kafka node ${nodeId} was never started`);
    return node.process.pid;
  }

  async #launch(nodeId: number): Promise<void> {
    const dir = this.folderOf(nodeId);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const node = await startEmbeddedKafka({
          dir,
          logFile: join(this.#options.folder, 'logs', `kafka-${nodeId}.log`),
          environment: process.env,
          log: () => undefined,
          heapMb: HEAP_MB,
          onProcess: ({ pid }) => this.#options.onProcess(pid),
          cluster: { clusterId: this.#clusterId, nodeId, nodes: this.#nodes },
        });
        this.#running.set(nodeId, node);
        return;
      } catch (error) {
        if (attempt === START_ATTEMPTS) throw error;
      }
    }
  }
}
