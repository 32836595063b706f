import { receiptProperty } from '@milepost/contracts';
import { connect, type MqttClient, type Packet } from 'mqtt';

export interface CanaryVehicleOptions {
  url: string;
  vehicleId: string;
  /** PEM. */
  ca: Buffer;
  certificate: Buffer;
  privateKey: Buffer;
}

const RECONNECT_MS = 1_000;
const KEEP_ALIVE_S = 15;

/** A vehicle like any other, that asks for receipts. It reconnects by itself. */
export class CanaryVehicle {
  private readonly client: MqttClient;
  private lastReceipt: string | undefined;
  private lastError: Error | undefined;
  private isWaiting = false;

  constructor(private readonly options: CanaryVehicleOptions) {
    const { url, vehicleId, ca, certificate, privateKey } = options;
    this.client = connect(url, {
      protocolVersion: 5,
      clientId: vehicleId,
      clean: true,
      keepalive: KEEP_ALIVE_S,
      reconnectPeriod: RECONNECT_MS,
      // Else the first refusal, of a broker that cannot reach Kafka for a moment, would be the last attempt.
      reconnectOnConnackError: true,
      ca,
      cert: certificate,
      key: privateKey,
      properties: { userProperties: { [receiptProperty]: '1' } },
    });
    this.client.on('error', (error) => {
      this.lastError = error;
    });
    this.client.on('packetreceive', (packet: Packet) => {
      const receipt = packet.cmd === 'puback' ? packet.properties?.userProperties?.[receiptProperty] : undefined;
      if (typeof receipt === 'string') this.lastReceipt = receipt;
    });
  }

  get connected(): boolean {
    return this.client.connected;
  }

  /**
   * One report of its diagnostics, which moves nothing on any map.
   * @returns the receipt of its acknowledgement, which means that it is on every in-sync replica.
   * @throws Error when it is not connected, or refused, or while an earlier one is not acknowledged: in a long outage they would become more than
   * the broker's Receive Maximum. It waits for an acknowledgement as long as it takes, over reconnections.
   */
  async report(round: number): Promise<string> {
    if (!this.connected) throw new Error(`not connected${this.lastError === undefined ? '' : `: ${this.lastError.message}`}`);
    if (this.isWaiting) throw new Error('an earlier message is not acknowledged yet');
    this.lastReceipt = undefined;
    const payload = JSON.stringify({ recordedAt: new Date().toISOString(), signals: { 'Milepost.Canary.Round': round } });
    this.isWaiting = true;
    try {
      await this.client.publishAsync(`fleet/${this.options.vehicleId}/diagnostics`, payload, { qos: 1 });
    } finally {
      this.isWaiting = false;
    }
    if (this.lastReceipt === undefined) throw new Error('the acknowledgement had no receipt');
    return this.lastReceipt;
  }

  close(): Promise<void> {
    return this.client.endAsync();
  }
}
