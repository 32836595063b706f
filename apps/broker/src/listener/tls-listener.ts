import { type AddressInfo, createServer as createTcpServer, Socket, type Server as TcpServer } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions, type TLSSocket, type Server as TlsServer } from 'node:tls';
import type { Entrance } from './entrance/entrance.js';
import { peerAddress } from './entrance/peer-address.js';

export interface TlsListenerOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Connections that wait in the kernel. */
  backlog: number;
  entrance: Entrance;
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
  /** What ends a handshake, by what names its connection on both of its layers. */
  private readonly inHandshake = new Map<string, () => void>();

  constructor(private readonly options: TlsListenerOptions) {
    const { handshakeTimeoutMs, context, requestCertificate } = options;
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
      options.onFailed(error, peerAddress(socket.remoteAddress ?? carrierOf(socket)?.remoteAddress));
      // After its handshake time-out node:tls leaves the socket open.
      socket.destroy();
    });
    this.tcp = createTcpServer({ pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) =>
      this.accepted(socket),
    );
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

  /** Open connections stay, and handshakes go on: `Entrance` ends these. */
  stopAccepting(): void {
    this.tcp.close();
  }

  private accepted(socket: Socket): void {
    const address = peerAddress(socket.remoteAddress);
    // The TLS layer has handlers of its own; before its turn a lost socket must not end the process.
    socket.on('error', () => undefined);
    this.options.entrance.enterForHandshake(socket, {
      begin: (over) => this.beginHandshake(socket, over),
      turnedAway: () => {
        socket.destroy();
        this.options.onOverload(address);
      },
    });
  }

  private beginHandshake(socket: Socket, over: () => void): void {
    const name = nameOf(socket);
    if (name === undefined) {
      socket.destroy();
      return;
    }
    // A connection lives for days, and is not to keep what belongs to its handshake.
    const ended = () => {
      socket.off('close', ended);
      if (this.inHandshake.get(name) === ended) this.inHandshake.delete(name);
      over();
    };
    this.inHandshake.set(name, ended);
    socket.once('close', ended);
    this.tls.emit('connection', socket);
  }

  private secured(socket: TLSSocket): void {
    const name = nameOf(socket);
    if (name !== undefined) this.inHandshake.get(name)?.();
    socket.disableRenegotiation();
    this.options.onSecure(socket, peerAddress(socket.remoteAddress));
  }
}

/**
 * The socket below. A client that does not like our certificate says so and is gone: the system no longer tells whose the connection was,
 * but the socket below was asked when it came. Node has no documented way there; without it the address is unknown, and nothing else is lost.
 */
function carrierOf(socket: TLSSocket): Socket | undefined {
  const { _parent: carrier } = socket as TLSSocket & { _parent?: unknown };
  return carrier instanceof Socket ? carrier : undefined;
}

function nameOf({ remoteAddress, remotePort, localAddress }: Socket): string | undefined {
  return remoteAddress === undefined ? undefined : `${remoteAddress} ${remotePort} ${localAddress}`;
}
