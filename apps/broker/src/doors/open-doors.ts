import type { SecureContextOptions } from 'node:tls';
import type { Logger } from '@milepost/runtime';
import type { BrokerCore } from '../broker-core.js';
import type { BrokerConfig } from '../config.js';
import type { Departures } from '../connections/departures.js';
import { Entrance } from '../listener/entrance/entrance.js';
import type { Listener } from '../listener/listener.js';
import { TcpListener } from '../listener/tcp-listener.js';
import { TlsListener } from '../listener/tls-listener.js';
import type { BrokerMetrics } from '../metrics.js';
import type { Operators } from './operators/operators.js';
import type { Reception } from './vehicles/reception.js';
import { WebSocketDoor } from './web-socket/web-socket-door.js';

export interface DoorsSurroundings {
  config: BrokerConfig;
  context: SecureContextOptions;
  receive: BrokerCore['receive'];
  departures: Pick<Departures, 'waitingCount'>;
  reception: Reception;
  /** Undefined: nobody comes in with a password. */
  operators: Operators | undefined;
  metrics: BrokerMetrics;
  logger: Logger;
}

export interface Doors {
  /** New handshakes use it. */
  setContext(context: SecureContextOptions): void;
  /** Accepts no more, and drops whoever has not finished the handshake. */
  stopAccepting(): void;
  /** Cuts what is still open. */
  destroy(): void;
}

interface Door {
  /** Of the log event `broker.{name}`. */
  readonly event: string;
  readonly speaks: string;
  readonly host: string;
  readonly listener: Listener;
}

/** Opens every door that is configured, that of the vehicles last. @throws when an address is in use or not ours. */
export async function openDoors(surroundings: DoorsSurroundings): Promise<Doors> {
  const { config, departures, metrics, logger } = surroundings;
  const entrance = new Entrance({
    maxConnections: config.MQTT_MAX_CONNECTIONS,
    maxHandshakes: config.MQTT_MAX_HANDSHAKES,
    maxWaiting: config.MQTT_BACKLOG,
    handshakesPerSecond: HANDSHAKES_PER_CONNECT * config.MQTT_MAX_CONNECTS_PER_SECOND,
    leaving: () => departures.waitingCount,
    onLimit: (limit) => metrics.limits.inc({ limit }),
  });
  metrics.gauge('sockets', 'Open sockets, handshakes included', () => entrance.openCount);
  metrics.gauge('handshakes_running', 'TLS handshakes that hold a place', () => entrance.handshakesRunning);
  metrics.gauge('handshakes_waiting', 'Accepted connections that wait for their handshake', () => entrance.handshakesWaiting);

  const opened: Door[] = [];
  const stopAccepting = () => {
    for (const { listener } of opened) listener.stopAccepting();
    entrance.dropUnfinished();
  };
  try {
    for (const door of doorsOf(surroundings, entrance)) {
      const port = await door.listener.listen();
      opened.push(door);
      logger.info({ event: door.event, host: door.host, port, users: surroundings.operators?.userCount }, `${door.speaks} on port ${port}`);
    }
  } catch (error) {
    stopAccepting();
    throw error;
  }
  return {
    setContext: (context) => {
      for (const { listener } of opened) listener.setContext?.(context);
    },
    stopAccepting,
    destroy: () => entrance.destroy(),
  };
}

/** More handshakes than this for each CONNECT that is let in wait: some are still told 0x9F, and the rest cost no computing. */
const HANDSHAKES_PER_CONNECT = 2;

function doorsOf({ config, context, receive, reception, operators, metrics, logger }: DoorsSurroundings, entrance: Entrance): Door[] {
  const common = {
    backlog: config.MQTT_BACKLOG,
    entrance,
    onFailed: (error: NodeJS.ErrnoException, address: string) => reception.failed(error, address),
    onOverload: (address: string) => reception.overloaded(address),
  };
  const host = config.MQTT_HOST;
  const secure = { ...common, host, context, handshakeTimeoutMs: config.MQTT_HANDSHAKE_TIMEOUT_MS };
  const doors: Door[] = [];
  if (operators !== undefined) {
    const listener = new TlsListener({
      ...secure,
      port: config.MQTT_OPERATOR_TLS_PORT,
      requestCertificate: false,
      onSecure: (socket, address) => {
        metrics.handshakes.inc({ resumed: String(socket.isSessionReused()) });
        receive(socket, operators.gateFor(address));
      },
    });
    doors.push({ event: 'broker.operators.listening', speaks: 'MQTT over TLS with passwords', host, listener });
  }
  if (config.MQTT_TCP_PORT !== undefined)
    doors.push(plainDoor(config.MQTT_TCP_PORT, config.MQTT_TCP_HOST, { operators, receive, logger }, common));
  if (config.MQTT_WS_PORT !== undefined) {
    const door = new WebSocketDoor({
      maxPacketBytes: config.MQTT_MAX_PACKET_BYTES,
      upgradeTimeoutMs: config.MQTT_CONNECT_TIMEOUT_MS,
      reception,
      operators,
      receive,
      metrics,
    });
    const onSecure = door.secured.bind(door);
    const listener = new TlsListener({ ...secure, port: config.MQTT_WS_PORT, requestCertificate: true, onSecure });
    doors.push({ event: 'broker.web_socket.listening', speaks: 'MQTT over WebSocket over TLS', host, listener });
  }
  const vehicles = new TlsListener({
    ...secure,
    port: config.MQTT_TLS_PORT,
    requestCertificate: true,
    onSecure: (socket, address) => {
      const gate = reception.gateOf(socket, address);
      if (gate !== undefined) receive(socket, gate);
    },
  });
  return [...doors, { event: 'broker.listening', speaks: 'MQTT over TLS', host, listener: vehicles }];
}

type Common = Pick<ConstructorParameters<typeof TcpListener>[0], 'backlog' | 'entrance' | 'onFailed' | 'onOverload'>;

/** Without TLS: for who shares the host, or a network that nobody else is on. */
function plainDoor(
  port: number,
  host: string,
  { operators, receive, logger }: Pick<DoorsSurroundings, 'operators' | 'receive' | 'logger'>,
  common: Common,
): Door {
  if (operators === undefined)
    throw new Error('MQTT_TCP_PORT is set, but nobody could come in: set MQTT_USERS_FILE, or leave the port out.');
  if (!isLoopback(host))
    logger.warn(
      { event: 'broker.tcp.exposed', host },
      'Passwords and messages cross the network in the clear; MQTT_TCP_HOST is not loopback',
    );
  const onConnection = (socket: Parameters<BrokerCore['receive']>[0], address: string) => receive(socket, operators.gateFor(address));
  const listener = new TcpListener({ ...common, host, port, onConnection });
  return { event: 'broker.tcp.listening', speaks: 'MQTT over TCP with passwords, without TLS,', host, listener };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
