import type { IssuedCertificate } from '@milepost/pki';
import { connect, type IClientOptions, type IPublishPacket, type MqttClient, type Packet } from 'mqtt';

export interface VehicleOptions extends IClientOptions {
  port: number;
  caPem: string;
  certificate?: Pick<IssuedCertificate, 'vehicleId' | 'certificatePem' | 'privateKeyPem'>;
}

/** An MQTT client as a vehicle has one; it does not reconnect by itself, so that a test sees what happened. */
export function vehicleClient({ port, caPem, certificate, ...options }: VehicleOptions): MqttClient {
  const client = connect(`mqtts://localhost:${port}`, {
    ca: caPem,
    ...(certificate && { cert: certificate.certificatePem, key: certificate.privateKeyPem, clientId: certificate.vehicleId }),
    protocolVersion: 5,
    reconnectPeriod: 0,
    connectTimeout: 20_000,
    ...options,
  });
  // A refused connection is an error event as well; tests look at what they await.
  client.on('error', () => undefined);
  return client;
}

/** Resolves with CONNACK's reason code, or with `closed` when there was none. */
export function outcomeOf(client: MqttClient): Promise<number | 'closed'> {
  return new Promise((resolve) => {
    client.once('packetreceive', (packet: Packet) => {
      if (packet.cmd === 'connack') resolve(packet.reasonCode ?? packet.returnCode ?? 0);
    });
    client.once('close', () => resolve('closed'));
  });
}

/** @throws when the broker does not accept it. */
export async function connectVehicle(options: VehicleOptions): Promise<MqttClient> {
  const client = vehicleClient(options);
  const outcome = await outcomeOf(client);
  if (outcome !== 0) throw new Error(`the broker answered ${outcome}`);
  return client;
}

/** The reason code of the DISCONNECT that ends it, or `closed`. */
export function endOf(client: MqttClient): Promise<number | 'closed'> {
  return new Promise((resolve) => {
    client.once('disconnect', (packet) => resolve(packet.reasonCode ?? 0));
    client.once('close', () => setImmediate(() => resolve('closed')));
  });
}

/** Publishes and resolves with the code of PUBACK or PUBCOMP. */
export async function publishCode(client: MqttClient, topic: string, payload: string, qos: 1 | 2 = 1): Promise<number> {
  return new Promise((resolve, reject) => {
    client.publish(topic, payload, { qos }, (error, packet) => {
      const code = (packet as (IPublishPacket & { reasonCode?: number }) | undefined)?.reasonCode;
      if (error instanceof Error) {
        const refused = (error as Error & { code?: number }).code;
        if (typeof refused === 'number') resolve(refused);
        else reject(error);
      } else resolve(code ?? 0);
    });
  });
}

/** Cuts the network: no DISCONNECT, no close notify. */
export function cut(client: MqttClient): void {
  const { stream } = client as unknown as { stream: { destroy(): void } };
  stream.destroy();
}
