import type { PresenceRecord } from '@milepost/contracts';
import { defaultPolicy, type Effect, FleetInMemory, fixedPolicy } from '@milepost/presence';

interface NamedNode {
  name: string;
  epoch: number;
}

interface NamedVehicle {
  id: string;
  number: number;
}

interface NamedConnection {
  id: string;
  node: NamedNode;
  connectedAtMs: number;
}

/** The presence log, and the machine that reads it. What is written is all that it learns of the world. */
export class LogUnderTest {
  nowMs = 0;
  readonly #fleet: FleetInMemory;
  readonly #partitions: number;
  readonly #onEffects: (effects: Effect[]) => void;
  #offset = 0;

  constructor(partitions: number, onEffects: (effects: Effect[]) => void) {
    this.#fleet = new FleetInMemory(partitions, fixedPolicy(defaultPolicy));
    this.#partitions = partitions;
    this.#onEffects = onEffects;
  }

  get incidents(): number {
    return this.#fleet.incidents.length;
  }

  /** How many vehicles the machine takes for what. */
  states(): Map<string, string> {
    return new Map(
      this.#fleet.partitions.flatMap((partition) =>
        [...partition.vehicles()].map((one): [string, string] => [one.vehicleId, one.presence.kind]),
      ),
    );
  }

  connected(vehicle: NamedVehicle, { id, node, connectedAtMs }: NamedConnection, resumed: boolean): void {
    this.#append(vehicle, node, {
      kind: 'connected',
      vehicleId: vehicle.id,
      organisation: 'default',
      connectionId: id,
      connectedAt: new Date(connectedAtMs).toISOString(),
      resumed,
      address: '192.0.2.1',
      protocolVersion: 5,
      cleanStart: true,
      keepAliveSeconds: 60,
      sessionExpirySeconds: 0,
      certificate: { issuer: 'CN=ca', serial: '01', notAfter: '2030-01-01T00:00:00Z' },
    });
  }

  disconnected(vehicle: NamedVehicle, { id, node }: NamedConnection, cause: string): void {
    this.#append(vehicle, node, { kind: 'disconnected', vehicleId: vehicle.id, organisation: 'default', connectionId: id, cause });
  }

  /** To every partition; then what is due is judged, as alerts does behind each batch. */
  lease(node: NamedNode): void {
    for (let partition = 0; partition < this.#partitions; partition += 1)
      this.#apply(partition, node, { kind: 'lease', role: 'broker', partition });
    this.#onEffects(this.#fleet.judge());
  }

  #append(vehicle: NamedVehicle, node: NamedNode, unstamped: object): void {
    this.#apply(vehicle.number % this.#partitions, node, unstamped, vehicle.number);
  }

  #apply(partition: number, { name, epoch }: NamedNode, unstamped: object, vehicle?: number): void {
    this.#offset += 1;
    const record = { node: name, epoch, counter: this.#offset, ...unstamped } as PresenceRecord;
    const owner = vehicle === undefined ? {} : { owner: { vehicle, organisationId: 1 } };
    this.#onEffects(this.#fleet.apply(partition, { record, offset: this.#offset, atMs: this.nowMs, ...owner }));
  }
}
