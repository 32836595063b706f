import { randomUUID } from 'node:crypto';
import type { TestScope } from '@milepost/test-support';
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Door } from './doors.js';

const SCHEMES = { tcp: 'mqtt', tls: 'mqtts', ws: 'ws', wss: 'wss' } as const;

export interface Message {
  topic: string;
  text: string;
  qos: number;
  retain: boolean;
  properties: NonNullable<IPublishPacket['properties']>;
}

/** A connected client of the npm package `mqtt`. */
export interface Client {
  mqtt: MqttClient;
  /** Every message that it got, in order. */
  received: readonly Message[];
  sessionPresent: boolean;
  /** The reason code of the server's DISCONNECT, or `closed` when it ended without one. */
  ended: Promise<number | 'closed'>;
}

/** A topic below which nobody else publishes. */
export const ownTopic = () => `black-box/${randomUUID()}`;
export const ownClientId = () => `client-${randomUUID().slice(0, 13)}`;

/**
 * Connects and collects from the first packet on. It does not reconnect by itself, so that a test sees what happened.
 *
 * @throws when it is refused.
 */
export async function connectTo(scope: TestScope, door: Door, options: IClientOptions = {}): Promise<Client> {
  const { transport, port, caPem, username, password } = door;
  const mqtt = connect(`${SCHEMES[transport]}://localhost:${port}${transport.startsWith('ws') ? '/mqtt' : ''}`, {
    ...(caPem !== undefined && { ca: caPem }),
    ...(username !== undefined && { username, password: password ?? '' }),
    clientId: ownClientId(),
    reconnectPeriod: 0,
    connectTimeout: 20_000,
    ...options,
  });
  scope.onEnd(() => mqtt.endAsync(true));
  const received: Message[] = [];
  mqtt.on('message', (topic, payload, { qos, retain, properties = {} }) => {
    received.push({ topic, text: payload.toString(), qos, retain, properties });
  });
  const ended = new Promise<number | 'closed'>((resolve) => {
    mqtt.once('disconnect', ({ reasonCode }) => resolve(reasonCode ?? 0));
    mqtt.once('close', () => setImmediate(() => resolve('closed')));
  });
  const sessionPresent = await new Promise<boolean>((resolve, reject) => {
    mqtt.once('connect', (connack) => resolve(connack.sessionPresent));
    mqtt.once('error', reject);
    mqtt.once('close', () => reject(new Error(`${transport}: closed before CONNACK`)));
  });
  mqtt.on('error', () => undefined);
  return { mqtt, received, sessionPresent, ended };
}

/** The connection breaks off: no DISCONNECT. */
export function breakOff({ mqtt }: Client): void {
  mqtt.stream.destroy();
}
