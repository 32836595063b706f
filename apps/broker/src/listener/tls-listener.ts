import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { HandshakeGate } from './handshake-gate.js';
import { peerAddress } from './peer-address.js';

export interface TlsListenerOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Connections that wait for their handshake: in the kernel, and as many again here. */
  backlog: number;
  maxHandshakes: number;
  maxConnections: number;
  handshakeTimeoutMs: number;
  context: SecureContextOptions;
  /** Ask for a certificate. Without one it is for the receiver to find out who comes. */
  requestCertificate: boolean;
  /** A completed handshake. Whether there is a certificate, and whose, is the receiver's to judge. */
  onSecure(socket: TLSSocket, address: string): void;
  onFailed(error: NodeJS.ErrnoException, address: string): void;
  /** No room for another connection: it was closed before its handshake. */
  onOverload(address: string): void;
}

/** Resumed sessions skip the handshake's costly part; whoever asks for them must belong to this service. */
const SESSION_CONTEXT = 'milepost-broker';

/**
 * TCP first, TLS when it is a connection's turn: a storm of reconnects must not start thousands of handshakes that then all time out.
 * Accepted sockets are not read before their turn, so no time-out of ours runs for them either.
 */
export class TlsListener {
  private readonly tcp: TcpServer;
  private readonly tls: TlsServer;
  private readonly gate: HandshakeGate<Socket>;
  private readonly open = new Set<Socket>();
  /** In their handshake, by what names a connection on both of its layers. */
  private readonly inHandshake = new Map<string, Socket>();

  constructor(private readonly options: TlsListenerOptions) {
    const { backlog, maxHandshakes, handshakeTimeoutMs, context, requestCertificate } = options;
    this.gate = new HandshakeGate({ maxRunning: maxHandshakes, maxWaiting: backlog }, (socket) => this.beginHandshake(socket));
    // Certificates are asked for and not judged by node:tls, so that every refusal is ours and has a reason.
    this.tls = createTlsServer({
      ...context,
      requestCert: requestCertificate,
      rejectUnauthorized: false,
      handshakeTimeout: handshakeTimeoutMs,
      sessionIdContext: SESSION_CONTEXT,
    });
    this.tls.on('secureConnection', (socket) => this.secured(socket));
    this.tls.on('tlsClientError', (error, socket) => {
      options.onFailed(error, peerAddress(socket.remoteAddress));
      // After its handshake time-out node:tls leaves the socket open.
      socket.destroy();
    });
    this.tcp = createTcpServer({ pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) =>
      this.accepted(socket),
    );
  }

  get openCount(): number {
    return this.open.size;
  }

  get handshakesRunning(): number {
    return this.gate.runningCount;
  }

  get handshakesWaiting(): number {
    return this.gate.waitingCount;
  }

  get listening(): boolean {
    return this.tcp.listening;
  }

  /** @returns the port. @throws when the address is in use or not ours. */
  async listen(): Promise<number> {
    const { host, port, backlog } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.tcp.once('error', reject);
      this.tcp.listen({ host, port, backlog }, resolve);
    });
    // From now on it tells of connections that the system could not accept (no memory, no file descriptor): no reason to lose the others.
    this.tcp.on('error', (error) => this.options.onFailed(error, peerAddress(undefined)));
    return (this.tcp.address() as AddressInfo).port;
  }

  /** New handshakes use it; open connections stay as they are. */
  setContext(context: SecureContextOptions): void {
    this.tls.setSecureContext({ ...context, sessionIdContext: SESSION_CONTEXT } as SecureContextOptions);
  }

  /** Accepts no more, and drops whoever has not finished the handshake. */
  stopAccepting(): void {
    this.tcp.close();
    for (const socket of this.gate.clear()) socket.destroy();
    for (const socket of this.inHandshake.values()) socket.destroy();
  }

  /** Cuts what is still open. */
  destroy(): void {
    for (const socket of this.open) socket.destroy();
  }

  private accepted(socket: Socket): void {
    const address = peerAddress(socket.remoteAddress);
    // The TLS layer has handlers of its own; before its turn a lost socket must not end the process.
    socket.on('error', () => undefined);
    if (this.open.size >= this.options.maxConnections || !this.gate.enter(socket)) {
      socket.destroy();
      this.options.onOverload(address);
      return;
    }
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
  }

  private beginHandshake(socket: Socket): void {
    const name = nameOf(socket);
    if (socket.destroyed || name === undefined) {
      queueMicrotask(() => this.gate.leave());
      return;
    }
    this.inHandshake.set(name, socket);
    socket.once('close', () => this.handshakeOver(name, socket));
    this.tls.emit('connection', socket);
  }

  private secured(socket: TLSSocket): void {
    const name = nameOf(socket);
    const tcp = name === undefined ? undefined : this.inHandshake.get(name);
    if (name !== undefined && tcp !== undefined) this.handshakeOver(name, tcp);
    socket.disableRenegotiation();
    this.options.onSecure(socket, peerAddress(socket.remoteAddress));
  }

  private handshakeOver(name: string, socket: Socket): void {
    if (this.inHandshake.get(name) !== socket) return;
    this.inHandshake.delete(name);
    this.gate.leave();
  }
}

function nameOf({ remoteAddress, remotePort, localAddress }: Socket): string | undefined {
  return remoteAddress === undefined ? undefined : `${remoteAddress} ${remotePort} ${localAddress}`;
}
