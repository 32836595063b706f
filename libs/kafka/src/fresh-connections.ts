import type { Socket } from 'node:net';
import { kafkaJsInside } from './kafkajs-inside.js';

interface Connection {
  readonly socket?: Socket;
  /** What has come of an answer that is not whole. */
  chunks: Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  isConnected(): boolean;
  connect(): Promise<unknown>;
}

/** An answer begins with its length, an int32. */
const LENGTH_BYTES = 4;

const changed = new WeakSet<object>();

/**
 * Lets a connection of kafkajs 2.2.4 that is opened again begin with nothing. It keeps half an answer of the socket before, takes what comes next for
 * the rest of it, and understands nothing from there on: every request runs into its time-out, fetches from that node stand still and the bytes pile up.
 * Two that ask for it at once open two sockets, and the end of the one that nobody uses would close the other's; so would that of a former socket.
 * The version is pinned; where the inside differs, nothing is changed.
 */
export function beginConnectionsAfresh(): void {
  const prototype = connectionPrototype();
  if (prototype === undefined || changed.has(prototype)) return;
  changed.add(prototype);
  const { connect } = prototype;
  const underWay = new WeakMap<Connection, Promise<unknown>>();

  const open = (connection: Connection): Promise<unknown> => {
    connection.socket?.destroy();
    connection.chunks = [];
    connection.bytesBuffered = 0;
    connection.bytesNeeded = LENGTH_BYTES;
    const opened = connect.call(connection).finally(() => underWay.delete(connection));
    underWay.set(connection, opened);
    return opened;
  };

  prototype.connect = function connectOnce(this: Connection) {
    return this.isConnected() ? connect.call(this) : (underWay.get(this) ?? open(this));
  };
}

function connectionPrototype(): Connection | undefined {
  const prototype = kafkaJsInside<{ prototype?: Connection }>('network/connection.js')?.prototype;
  return typeof prototype?.connect === 'function' && typeof prototype.isConnected === 'function' ? prototype : undefined;
}
