import { BenchVehicle, type BenchVehicleOptions } from '../pipeline/bench-vehicle.js';

/** A vehicle that sends one message after another. */
export class ReportingVehicle {
  private constructor(
    private readonly vehicle: BenchVehicle,
    /** How the connection ended, if the vehicle did not end it. */
    readonly lost: Promise<string>,
    private readonly acknowledged: { at?: (atMs: number) => void },
  ) {}

  static async connect(options: Omit<BenchVehicleOptions, 'onAck' | 'onLost'>): Promise<ReportingVehicle> {
    const acknowledged: ReportingVehicle['acknowledged'] = {};
    let onLost: (reason: string) => void = () => undefined;
    const lost = new Promise<string>((resolve) => {
      onLost = resolve;
    });
    const vehicle = await BenchVehicle.connect({ ...options, onLost, onAck: () => acknowledged.at?.(Date.now()) });
    return new ReportingVehicle(vehicle, lost, acknowledged);
  }

  get id(): string {
    return this.vehicle.id;
  }

  /** @param topic below `fleet/{its id}/` @returns when PUBACK came, by `Date.now()`. @throws when the connection ended instead */
  async report(topic: string, payload: object): Promise<number> {
    const acknowledged = new Promise<number>((resolve) => {
      this.acknowledged.at = resolve;
    });
    this.send(topic, payload);
    const gone = this.lost.then((reason) => {
      throw new Error(reason);
    });
    return Promise.race([acknowledged, gone]);
  }

  /** Does not wait. */
  send(topic: string, payload: object): void {
    this.vehicle.publish(`fleet/${this.id}/${topic}`, Buffer.from(JSON.stringify(payload)));
  }

  close(): Promise<void> {
    return this.vehicle.close();
  }
}
