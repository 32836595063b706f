import { randomUUID } from 'node:crypto';
import { type DisconnectCause, type PresenceRecord, presenceHeaders, topics } from '@milepost/contracts';
import type { LogWriter } from '@milepost/kafka';

type Unstamped<R> = R extends PresenceRecord ? Omit<R, 'node' | 'epoch' | 'counter'> : never;

const LEASE_MS = 500;

/** A broker node that says in Kafka what a test wants it to say, and keeps its leases. */
export class FakeNode {
  #counter = 0;
  #timer: NodeJS.Timeout | undefined;
  epoch = Date.now();

  constructor(
    readonly name: string,
    private readonly writer: LogWriter,
    private readonly partitions: number,
  ) {}

  start(): void {
    void this.leases();
    this.#timer = setInterval(() => void this.leases(), LEASE_MS);
  }

  /** Says nothing any more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  async leases(): Promise<void> {
    const all = Array.from({ length: this.partitions }, (_, partition) =>
      this.append(null, { kind: 'lease', role: 'broker', partition }, partition),
    );
    await Promise.all(all);
  }

  async connected(vehicleId: string, more: Partial<Extract<PresenceRecord, { kind: 'connected' }>> = {}): Promise<string> {
    const connectionId = randomUUID();
    await this.append(vehicleId, {
      kind: 'connected',
      vehicleId,
      organisation: 'default',
      connectionId,
      connectedAt: new Date().toISOString(),
      resumed: false,
      address: '192.0.2.7',
      protocolVersion: 5,
      cleanStart: true,
      keepAliveSeconds: 60,
      sessionExpirySeconds: 0,
      certificate: { issuer: 'CN=test', serial: '01', notAfter: '2031-01-01T00:00:00Z' },
      will: { topic: `fleet/${vehicleId}/status`, payloadBase64: 'Z29uZQ==', qos: 1, retain: true, delaySeconds: 0 },
      ...more,
    });
    return connectionId;
  }

  async disconnected(vehicleId: string, connectionId: string, cause: DisconnectCause): Promise<PresenceRecord> {
    return this.append(vehicleId, { kind: 'disconnected', vehicleId, organisation: 'default', connectionId, cause });
  }

  async refused(
    commonName: string,
    address: string,
    more: Partial<Extract<PresenceRecord, { kind: 'refused' }>> = {},
  ): Promise<PresenceRecord> {
    return this.append(commonName, {
      kind: 'refused',
      at: new Date().toISOString(),
      address,
      commonName,
      organisation: 'default',
      reason: 'expired',
      remedy: 'Issue a new one',
      count: 1,
      ...more,
    });
  }

  /** A copy of a record, as a producer's second attempt leaves it. */
  async repeat(key: string, record: PresenceRecord): Promise<void> {
    await this.write(key, record);
  }

  private async append(key: string | null, unstamped: Unstamped<PresenceRecord>, partition?: number): Promise<PresenceRecord> {
    this.#counter += 1;
    const record = { node: this.name, epoch: this.epoch, counter: this.#counter, ...unstamped } as PresenceRecord;
    await this.write(key, record, partition);
    return record;
  }

  private async write(key: string | null, record: PresenceRecord, partition?: number): Promise<void> {
    const outcome = await this.writer.append({
      topic: topics.presence,
      key,
      value: Buffer.from(JSON.stringify(record)),
      headers: presenceHeaders(record, new Date()),
      ...(partition !== undefined && { partition }),
    });
    if (outcome.kind === 'refused') throw new Error(`Kafka did not take a presence record: ${outcome.message}`);
  }
}
