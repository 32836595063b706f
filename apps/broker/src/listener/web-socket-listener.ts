import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { ClientSocket } from '../connections/client-socket.js';
import { WebSocketStream } from './web-socket-stream.js';

/** A client that asks to speak WebSocket. */
export interface Upgrade {
  readonly carrier: Socket;
  /** Which web page asks; undefined: it is no browser. */
  readonly origin: string | undefined;
}

/** Why a connection does not become a WebSocket that speaks MQTT: it came to no request in time, or to none that is one for that. */
export type UpgradeFault = { readonly kind: 'late' } | { readonly kind: 'wrong'; readonly detail: string };

export type MessageLimit = 'message_bytes' | 'message_pieces';

export interface WebSocketListenerOptions {
  /** Largest MQTT packet that is taken. */
  maxPacketBytes: number;
  /** Time from the connection to the whole upgrade request. */
  upgradeTimeoutMs: number;
  /** @returns the HTTP status with which a well-formed upgrade is refused all the same. */
  refuse?(upgrade: Upgrade): number | undefined;
  /** Told of whoever is sent away for what it asked, or did not ask. */
  onFault?(carrier: Socket, fault: UpgradeFault): void;
  /** A connection was closed for what one message took. */
  onLimit?(limit: MessageLimit): void;
  /** A WebSocket that speaks MQTT, and the connection that carries it. */
  onOpen(client: ClientSocket, carrier: Socket): void;
}

const PATH = '/mqtt';
const SUBPROTOCOL = 'mqtt';
/** A message may hold so much beyond the largest packet: several packets may share a frame. */
const SPARE_BYTES = 64 * 1024;
/** What the library's types do not know yet. */
const LIMITS = {
  /** How long a client may take to answer a close frame. */
  closeTimeout: 3_000,
  /** Pieces that a frame may come in from the network, and a message in frames: a piece takes hundreds of bytes here, however small it is. */
  maxBufferedChunks: 4_096,
  maxFragments: 1_024,
};

/** By the library's code for the error that a connection ends with. */
const REACHED: Readonly<Record<string, MessageLimit>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'message_bytes',
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 'message_bytes',
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'message_pieces',
};

/** An HTTP server that answers nothing but upgrades to MQTT over WebSocket. Listen with it, or hand it connections with its event `connection`. */
export function createWebSocketListener({
  maxPacketBytes,
  upgradeTimeoutMs,
  refuse: refuseUpgrade,
  onFault,
  onLimit,
  onOpen,
}: WebSocketListenerOptions): Server {
  const webSockets = new WebSocketServer({
    ...LIMITS,
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: maxPacketBytes + SPARE_BYTES,
    handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
  });
  const wrong = (carrier: Socket, detail: string) => onFault?.(carrier, { kind: 'wrong', detail });
  const server = createServer((request, response) => {
    wrong(request.socket, wrongPath(request) ?? 'the request asks for no upgrade to WebSocket');
    answerNoUpgrade(request, response);
  });
  const deadlines = new WeakMap<Socket, NodeJS.Timeout>();
  // The limits of node:http hold only for servers that listen themselves.
  server.on('connection', (socket) => {
    const deadline = setTimeout(() => {
      onFault?.(socket, { kind: 'late' });
      socket.destroy();
    }, upgradeTimeoutMs);
    deadlines.set(socket, deadline);
    socket.once('close', () => clearTimeout(deadline));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // One that was lost or ended meanwhile has said nothing wrong.
    if (error.code?.startsWith('HPE_') !== true || error.code === 'HPE_INVALID_EOF_STATE' || !socket.writable) {
      socket.destroy();
      return;
    }
    wrong(socket, 'what came is no HTTP; MQTT without WebSocket?');
    refuse(socket, 400);
  });
  server.on('upgrade', (request, socket: Socket, head) => {
    const asked = faultOf(request);
    if (asked !== undefined) wrong(socket, asked.detail);
    const refusal = asked?.status ?? refuseUpgrade?.({ carrier: socket, origin: request.headers.origin });
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      clearTimeout(deadlines.get(socket));
      webSocket.on('error', ({ code }: NodeJS.ErrnoException) => {
        const limit = REACHED[code ?? ''];
        if (limit !== undefined) onLimit?.(limit);
      });
      onOpen(new WebSocketStream(webSocket, socket), socket);
    });
  });
  return server;
}

/** @returns what is wrong with an upgrade, and the HTTP status that says so; the handshake itself is for the library to judge. */
function faultOf(request: IncomingMessage): { status: number; detail: string } | undefined {
  const detail = wrongPath(request);
  if (detail !== undefined) return { status: 404, detail };
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return offered.includes(SUBPROTOCOL) ? undefined : { status: 400, detail: `the client does not offer the subprotocol ${SUBPROTOCOL}` };
}

function wrongPath({ url = '' }: IncomingMessage): string | undefined {
  const [path] = url.split('?', 1);
  return path === PATH ? undefined : `the path is ${path}, not ${PATH}`;
}

function refuse(socket: Socket, status: number): void {
  socket.on('error', () => undefined);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function answerNoUpgrade(request: IncomingMessage, response: ServerResponse): void {
  const headers = { connection: 'close', 'content-length': 0 };
  if (wrongPath(request) === undefined) response.writeHead(426, { ...headers, upgrade: 'websocket' }).end();
  else response.writeHead(404, headers).end();
}
