import { type DisconnectCause, type PresenceRecord, presenceHeaders, presenceTimes, topics } from '@milepost/contracts';
import { type LogWriter, partitionOf } from '@milepost/kafka';

type Unstamped<R> = R extends PresenceRecord ? Omit<R, 'node' | 'epoch' | 'counter'> : never;

/** Records under way at once. */
const appendsAtOnce = 20_000;

/** A fleet as one broker node tells of it: nobody connects, but the records are those that a broker writes. */
export class Fleet {
  readonly #epoch = Date.now();
  readonly #life: number[];
  #counter = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly vehicles: number,
    private readonly writer: LogWriter,
    private readonly partitions: number,
  ) {
    this.#life = Array.from({ length: vehicles }, () => 0);
  }

  /** The node's leases, every two seconds. */
  start(): void {
    this.#leases();
    this.#timer = setInterval(() => this.#leases(), presenceTimes.leaseIntervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async connectAll(): Promise<void> {
    await this.#inPieces((vehicle) => this.connected(vehicle));
  }

  /** Everybody is cut and there again at once. @returns how many records that were. */
  async blink(): Promise<number> {
    await this.#inPieces(async (vehicle) => {
      await Promise.all([this.lost(vehicle, 'network_error'), this.connected(vehicle)]);
    });
    return 2 * this.vehicles;
  }

  async connected(vehicle: number): Promise<void> {
    this.#life[vehicle] = (this.#life[vehicle] ?? 0) + 1;
    const vehicleId = idOf(vehicle);
    await this.#append(vehicleId, {
      kind: 'connected',
      vehicleId,
      organisation: 'default',
      connectionId: this.#connectionOf(vehicle),
      connectedAt: new Date().toISOString(),
      resumed: false,
      address: `198.51.${(vehicle >> 8) & 255}.${vehicle & 255}`,
      protocolVersion: 5,
      cleanStart: true,
      keepAliveSeconds: 60,
      sessionExpirySeconds: 0,
      certificate: { issuer: 'CN=bench', serial: '01', notAfter: '2099-01-01T00:00:00Z' },
      will: { topic: `fleet/${vehicleId}/status`, payloadBase64: 'eyJzdGF0dXMiOiJvZmZsaW5lIn0=', qos: 1, retain: true, delaySeconds: 0 },
    });
  }

  async lost(vehicle: number, cause: DisconnectCause): Promise<void> {
    const vehicleId = idOf(vehicle);
    const connectionId = this.#connectionOf(vehicle);
    await this.#append(vehicleId, { kind: 'disconnected', vehicleId, organisation: 'default', connectionId, cause });
  }

  #connectionOf(vehicle: number): string {
    return `${this.#epoch}-${vehicle}-${this.#life[vehicle]}`;
  }

  async #inPieces(work: (vehicle: number) => Promise<void>): Promise<void> {
    for (let from = 0; from < this.vehicles; from += appendsAtOnce) {
      const to = Math.min(this.vehicles, from + appendsAtOnce);
      await Promise.all(Array.from({ length: to - from }, (_, index) => work(from + index)));
    }
  }

  #leases(): void {
    for (let partition = 0; partition < this.partitions; partition += 1) {
      void this.#append(null, { kind: 'lease', role: 'broker', partition }, partition);
    }
  }

  async #append(
    key: string | null,
    unstamped: Unstamped<PresenceRecord>,
    partition = partitionOf(key ?? '', this.partitions),
  ): Promise<void> {
    this.#counter += 1;
    const record = { node: 'bench', epoch: this.#epoch, counter: this.#counter, ...unstamped } as PresenceRecord;
    const value = Buffer.from(JSON.stringify(record));
    const outcome = await this.writer.append({
      topic: topics.presence,
      key,
      partition,
      value,
      headers: presenceHeaders(record, new Date()),
    });
    if (outcome.kind !== 'stored') throw new Error(`Kafka did not take a presence record: ${outcome.code} ${outcome.message}`);
  }
}

export const idOf = (vehicle: number) => `bench-${vehicle}`;
