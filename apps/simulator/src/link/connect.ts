import { connect as connectMqtt, type MqttClient } from 'mqtt';

/** What a vehicle brings to its connection. */
export interface Credentials {
  vehicleId: string;
  /** PEM. */
  certificate: string;
  privateKey: string;
  ca: string;
}

export interface ConnectSettings {
  url: string;
  keepAliveS: number;
  timeoutMs: number;
}

export const topicOf = (vehicleId: string, kind: 'location' | 'diagnostics' | 'status') => `fleet/${vehicleId}/${kind}`;

/**
 * One attempt: TLS with the vehicle's certificate, MQTT 5, a will that says `offline`. The client does not reconnect by itself: back-off is the link's.
 * @param signal gives it up: who does not answer is waited for up to `timeoutMs` otherwise
 * @throws Error that says what the broker or the network answered.
 */
export function connect(
  { vehicleId, certificate, privateKey, ca }: Credentials,
  settings: ConnectSettings,
  signal: AbortSignal,
): Promise<MqttClient> {
  const client = connectMqtt(settings.url, {
    protocolVersion: 5,
    clientId: vehicleId,
    clean: true,
    keepalive: settings.keepAliveS,
    reconnectPeriod: 0,
    connectTimeout: settings.timeoutMs,
    cert: certificate,
    key: privateKey,
    ca,
    rejectUnauthorized: true,
    will: {
      topic: topicOf(vehicleId, 'status'),
      payload: Buffer.from(JSON.stringify({ status: 'offline', reason: 'connection lost' })),
      qos: 1,
      retain: true,
      properties: { contentType: 'application/json' },
    },
  });
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      client.off('connect', onConnect);
      client.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      if (error === undefined) return resolve(client);
      client.end(true);
      reject(error);
    };
    let reason: Error | undefined;
    const onConnect = () => settle();
    const onClose = () => settle(reason ?? new Error('The broker closed the connection before it answered.'));
    const onAbort = () => settle(new Error('The vehicle stops before the broker has answered.'));
    client.on('connect', onConnect);
    client.on('close', onClose);
    // Stays for the client's life: an error event without listener would end the process.
    client.on('error', (error) => {
      reason = error;
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
