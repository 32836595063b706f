import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Entrance } from './entrance/entrance.js';
import { peerAddress } from './entrance/peer-address.js';

export interface TcpListenerOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Connections that wait in the kernel. */
  backlog: number;
  entrance: Entrance;
  onConnection(socket: Socket, address: string): void;
  /** The system could not accept a connection. */
  onFailed(error: NodeJS.ErrnoException, address: string): void;
  /** No room for another connection: it was closed. */
  onOverload(address: string): void;
}

/** Connections without TLS. */
export class TcpListener {
  private readonly tcp: Server;

  constructor(private readonly options: TcpListenerOptions) {
    this.tcp = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) => this.accepted(socket));
  }

  /** @returns the port. @throws when the address is in use or not ours. */
  async listen(): Promise<number> {
    const { host, port, backlog } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.tcp.once('error', reject);
      this.tcp.listen({ host, port, backlog }, resolve);
    });
    this.tcp.on('error', (error) => this.options.onFailed(error, peerAddress(undefined)));
    return (this.tcp.address() as AddressInfo).port;
  }

  /** Open connections stay. */
  stopAccepting(): void {
    this.tcp.close();
  }

  private accepted(socket: Socket): void {
    const address = peerAddress(socket.remoteAddress);
    if (this.options.entrance.enter(socket)) {
      this.options.onConnection(socket, address);
      return;
    }
    socket.on('error', () => undefined);
    socket.destroy();
    this.options.onOverload(address);
  }
}
