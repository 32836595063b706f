import type { Socket } from 'node:net';
import { kafkaJsInside } from './kafkajs-inside.js';
import { type RequestQueue, unansweredForMs } from './uptime-timeouts.js';

interface Connection {
  readonly host: string;
  readonly port: number;
  readonly socket?: Socket;
  readonly requestQueue: RequestQueue;
  isConnected(): boolean;
  disconnect(): Promise<unknown>;
  rejectRequests(error: Error): void;
}

/** The connections to one node that one client has. */
interface ConnectionPool {
  readonly pool: readonly Connection[];
  send(asked: { request: { apiName: string } }): Promise<unknown>;
}

interface Node {
  readonly connectionPool: ConnectionPool;
  isConnected(): boolean;
}

/** The nodes that one client knows. */
interface NodePool {
  readonly brokers: Readonly<Record<string, Node>>;
  /** The one that it began with. */
  readonly seedBroker: Node;
  connect(): Promise<void>;
  findBroker(wanted: { nodeId: string }): Promise<Node>;
  findConnectedBroker(): Promise<Node>;
  withBroker(ask: (asked: { nodeId: string; broker: Node }) => Promise<unknown>): Promise<unknown>;
}

interface Errors {
  KafkaJSConnectionError: new (message: string, options: { broker: string }) => Error;
  KafkaJSConnectionClosedError: new (message: string, options: { host: string; port: number }) => Error;
}

/** More than a fetch is held back where nothing is new. One that owes an answer for longer is asked last. */
const SILENT_MS = 750;
/** A connection that is to be closed is not waited for when it owes an answer for longer. */
const WORTH_WAITING_MS = 2_000;

const changed = new WeakSet<object>();

/**
 * Gives a node up that takes requests and answers none: it stands still, or its cable is pulled. kafkajs 2.2.4 goes on asking through the same connection;
 * asks it who leads, while all partitions wait for that; and waits for its answers before it lets go of it, long after Kafka has given its partitions to others.
 * With this the first time-out closes all connections to the node, who leads is asked of those that answer, and what is closed is not waited for.
 * The version is pinned; where the inside differs, nothing is changed.
 */
export function giveUpSilentNodes(): void {
  const errors = kafkaJsInside<Errors>('errors.js');
  const connection = kafkaJsInside<{ prototype?: Connection }>('network/connection.js')?.prototype;
  const connections = kafkaJsInside<{ prototype?: ConnectionPool }>('network/connectionPool.js')?.prototype;
  const nodes = kafkaJsInside<{ prototype?: NodePool }>('cluster/brokerPool.js')?.prototype;
  if (errors === undefined || typeof connection?.disconnect !== 'function' || changed.has(connection)) return;
  if (typeof connections?.send !== 'function' || typeof nodes?.findConnectedBroker !== 'function') return;
  changed.add(connection);
  waitForNoSilentNode(connection, errors);
  hangUpAtTimeOut(connections, errors);
  askThoseWhoAnswer(nodes);
}

function waitForNoSilentNode(prototype: Connection, errors: Errors): void {
  const { disconnect } = prototype;
  prototype.disconnect = function disconnectNow(this: Connection) {
    if (unansweredForMs(this.requestQueue) > WORTH_WAITING_MS) rejectAll(this, errors);
    return disconnect.call(this);
  };
}

function hangUpAtTimeOut(prototype: ConnectionPool, errors: Errors): void {
  const { send } = prototype;
  prototype.send = async function sendOrHangUp(this: ConnectionPool, asked) {
    const sockets = this.pool.map(({ socket }) => socket);
    try {
      return await send.call(this, asked);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'KafkaJSRequestTimeoutError') throw error;
      for (const [index, connection] of this.pool.entries()) {
        // Not one that was opened meanwhile.
        if (connection.isConnected() && (sockets[index] ?? connection.socket) === connection.socket) hangUp(connection, errors);
      }
      // The first question of a connection: after an error of this name kafkajs turns to another of the nodes that are named.
      const broker = `${this.pool[0]?.host}:${this.pool[0]?.port}`;
      throw asked.request.apiName === 'ApiVersions' ? new errors.KafkaJSConnectionError(error.message, { broker }) : error;
    }
  };
}

function hangUp(connection: Connection, errors: Errors): void {
  rejectAll(connection, errors);
  connection.disconnect().catch(() => undefined);
  connection.socket?.destroy();
}

function rejectAll(connection: Connection, { KafkaJSConnectionClosedError }: Errors): void {
  const { host, port } = connection;
  connection.rejectRequests(new KafkaJSConnectionClosedError('Closed the connection to a node that does not answer', { host, port }));
}

function askThoseWhoAnswer(prototype: NodePool): void {
  const { withBroker } = prototype;
  prototype.findConnectedBroker = async function findAnswering(this: NodePool) {
    for (const nodeId of bestFirst(this)) {
      const node = await this.findBroker({ nodeId }).catch(() => undefined);
      if (node !== undefined) return node;
    }
    await this.connect();
    return this.seedBroker;
  };
  prototype.withBroker = async function withAnswering(this: NodePool, ask) {
    let unreachable: unknown;
    let wasAsked = false;
    for (const nodeId of bestFirst(this)) {
      try {
        const broker = await this.findBroker({ nodeId });
        wasAsked = true;
        return await ask({ nodeId, broker });
      } catch (error) {
        // The next one may know.
        unreachable = error;
      }
    }
    if (wasAsked) return null;
    if (unreachable === undefined) return withBroker.call(this, ask);
    throw unreachable;
  };
}

/** Those to whom there is a connection; those to whom one would have to be opened; those that owe an answer. Else in no order. */
function bestFirst({ brokers }: NodePool): string[] {
  const rank = (node: Node) => {
    if (node.connectionPool.pool.some(({ requestQueue }) => unansweredForMs(requestQueue) > SILENT_MS)) return 2;
    return node.isConnected() ? 0 : 1;
  };
  return Object.entries(brokers)
    .map(([nodeId, node]) => ({ nodeId, rank: rank(node) + Math.random() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ nodeId }) => nodeId);
}
