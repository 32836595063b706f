import { Agenda } from './agenda.js';
import type { LogUnderTest } from './log-under-test.js';
import type { Random } from './random.js';
import type { Absence, Away, Fault } from './truth.js';

const SECOND = 1_000;
const LEASE_MS = 2 * SECOND;
const HOUR = 3_600 * SECOND;

interface Vehicle {
  id: string;
  number: number;
  reachable: boolean;
  connection?: Connection;
}

interface Connection {
  id: string;
  node: Node;
  vehicle: Vehicle;
  connectedAtMs: number;
}

interface Node {
  name: string;
  epoch: number;
  up: boolean;
  stalled: boolean;
  held: Map<string, Connection>;
  /** What it will say when it goes on. */
  late: (() => void)[];
}

/** A day of vehicles and brokers. It knows where everybody is, and writes what brokers would write of it. */
export class World {
  readonly away: Away[] = [];
  readonly faults: Fault[] = [];
  readonly vehicleIds: string[] = [];
  nowMs: number;
  readonly #agenda = new Agenda();
  readonly #nodes: Node[];
  #connections = 0;
  #outage = false;
  #held: (() => void)[] = [];

  constructor(
    readonly startMs: number,
    readonly lengthMs: number,
    vehicles: number,
    private readonly log: LogUnderTest,
    private readonly random: Random,
  ) {
    this.nowMs = startMs;
    this.#nodes = ['a', 'b', 'c'].map((name) => ({ name, epoch: startMs, up: true, stalled: false, held: new Map(), late: [] }));
    for (const node of this.#nodes) this.#agenda.plan(startMs, () => this.#lease(node));
    for (let number = 1; number <= vehicles; number += 1) {
      this.vehicleIds.push(`v${number}`);
      this.#planDay({ id: `v${number}`, number, reachable: true });
    }
    this.#planFaults();
  }

  /** Lets time pass. */
  run(untilMs: number): void {
    this.#agenda.run(untilMs, (atMs) => {
      this.nowMs = atMs;
      this.log.nowMs = atMs;
    });
    this.nowMs = untilMs;
    this.log.nowMs = untilMs;
  }

  #at(atMs: number, act: () => void): void {
    this.#agenda.plan(atMs, act);
  }

  #planDay(vehicle: Vehicle): void {
    const { random } = this;
    // The last hour is quiet, so that everything planned is over.
    const endMs = this.startMs + this.lengthMs - 2 * HOUR;
    let atMs = this.startMs + random.between(4, 100) * SECOND;
    this.#at(atMs, () => this.#connect(vehicle));
    for (;;) {
      atMs += random.between(600, 7_200) * SECOND;
      if (atMs >= endMs) return;
      const chance = random.next();
      // The last packet came up to a keep-alive before; the broker notices one and a half after it.
      const noticeMs = random.between(30, 90) * SECOND;
      if (chance < 0.45) atMs = this.#planLoss(vehicle, 'tunnel', atMs, noticeMs, random.between(5, 55) * SECOND);
      else if (chance < 0.6) atMs = this.#planLoss(vehicle, 'long tunnel', atMs, noticeMs, noticeMs + random.between(1, 20) * SECOND);
      else if (chance < 0.605) atMs = this.#planLoss(vehicle, 'crash', atMs, noticeMs, random.between(1_500, 5_400) * SECOND);
      else atMs = this.#planParking(vehicle, atMs, random.between(1_800, 14_400) * SECOND);
    }
  }

  #planLoss(vehicle: Vehicle, kind: Absence, fromMs: number, noticeMs: number, lengthMs: number): number {
    const toMs = fromMs + lengthMs;
    this.away.push({ vehicleId: vehicle.id, kind, fromMs, toMs });
    this.#at(fromMs, () => {
      // Who was on its way to another broker has found it: two absences in a row would be one longer than planned.
      if (vehicle.connection === undefined) this.#connect(vehicle);
      vehicle.reachable = false;
      const { connection } = vehicle;
      if (connection) this.#at(fromMs + noticeMs, () => this.#close(connection, 'keepalive_timeout'));
    });
    this.#at(toMs, () => {
      vehicle.reachable = true;
      this.#connect(vehicle);
    });
    return toMs;
  }

  #planParking(vehicle: Vehicle, fromMs: number, lengthMs: number): number {
    const toMs = fromMs + lengthMs;
    this.away.push({ vehicleId: vehicle.id, kind: 'parked', fromMs, toMs });
    this.#at(fromMs, () => {
      // Who has no connection at that moment (its broker went away) says goodbye when it is back.
      const { connection } = vehicle;
      const leave = (open: Connection) => this.#close(open, 'client_disconnect');
      vehicle.reachable = false;
      if (connection) leave(connection);
      else {
        this.#open(vehicle);
        if (vehicle.connection) leave(vehicle.connection);
      }
    });
    this.#at(toMs, () => {
      vehicle.reachable = true;
      this.#connect(vehicle);
    });
    return toMs;
  }

  #planFaults(): void {
    const fault = (kind: Fault['kind'], hour: number, seconds: number, act: (lengthMs: number) => void) => {
      const fromMs = this.startMs + hour * HOUR;
      const lengthMs = seconds * SECOND;
      if (fromMs + lengthMs > this.startMs + this.lengthMs - 2 * HOUR) return;
      this.faults.push({ kind, fromMs, lengthMs });
      this.#at(fromMs, () => act(lengthMs));
    };
    for (const hour of [2, 8.5, 14, 19]) fault('restart', hour, 5, (lengthMs) => this.#restart(this.#node(hour), lengthMs));
    for (const hour of [5, 17]) fault('crash', hour, 60, (lengthMs) => this.#crash(this.#node(hour), lengthMs));
    for (const hour of [6.5, 12]) fault('stall', hour, 25, (lengthMs) => this.#stall(this.#node(hour), lengthMs));
    fault('outage', 10.5, 600, (lengthMs) => this.#kafkaAway(lengthMs));
  }

  #node(hour: number): Node {
    const node = this.#nodes[Math.floor(hour) % this.#nodes.length];
    if (node === undefined) throw new RangeError('There is a node for every hour');
    return node;
  }

  #connect(vehicle: Vehicle): void {
    if (vehicle.reachable) this.#open(vehicle);
  }

  #open(vehicle: Vehicle): void {
    const node = this.random.pick(this.#nodes.filter(({ up, stalled }) => up && !stalled));
    const before = vehicle.connection;
    this.#connections += 1;
    const connection: Connection = { id: `${vehicle.id}-${this.#connections}`, node, vehicle, connectedAtMs: this.nowMs };
    vehicle.connection = connection;
    node.held.set(connection.id, connection);
    this.#write(() => this.log.connected(vehicle, connection, false));
    // The node that held the older one reads of the newer and closes it.
    if (before) this.#close(before, 'taken_over');
  }

  /** What a node says of an end: at once, when its stall is over, or never. */
  #close(connection: Connection, cause: string): void {
    const { node, vehicle, id } = connection;
    if (node.stalled) {
      node.late.push(() => this.#close(connection, cause));
      return;
    }
    if (!node.held.delete(id)) return;
    if (vehicle.connection === connection) delete vehicle.connection;
    // A stall gave it another id.
    this.#write(() => this.log.disconnected(vehicle, connection, cause));
  }

  #restart(node: Node, lengthMs: number): void {
    const lost = [...node.held.values()];
    node.up = false;
    for (const connection of lost) this.#close(connection, 'server_shutdown');
    this.#goOn(node, lost, lengthMs);
  }

  #crash(node: Node, lengthMs: number): void {
    const lost = [...node.held.values()];
    node.up = false;
    for (const connection of lost) if (connection.vehicle.connection === connection) delete connection.vehicle.connection;
    node.held.clear();
    this.#goOn(node, lost, lengthMs);
  }

  /** Its vehicles come back within two minutes, to whichever node takes them. */
  #goOn(node: Node, lost: readonly Connection[], lengthMs: number): void {
    for (const { vehicle } of lost) {
      this.#at(this.nowMs + this.random.between(1, 115) * SECOND, () => {
        if (vehicle.connection === undefined) this.#connect(vehicle);
      });
    }
    this.#at(this.nowMs + lengthMs, () => {
      node.epoch = this.nowMs;
      node.up = true;
    });
  }

  /** It says nothing for a while, then takes a new epoch and announces again what it holds. */
  #stall(node: Node, lengthMs: number): void {
    node.stalled = true;
    this.#at(this.nowMs + lengthMs, () => {
      node.stalled = false;
      const { late } = node;
      node.late = [];
      for (const act of late) act();
      node.epoch = this.nowMs;
      const held = [...node.held.values()];
      node.held.clear();
      for (const connection of held) {
        this.#connections += 1;
        connection.id = `${connection.vehicle.id}-${this.#connections}`;
        node.held.set(connection.id, connection);
        this.#write(() => this.log.connected(connection.vehicle, connection, true));
      }
      this.#write(() => this.log.lease(node));
    });
  }

  #kafkaAway(lengthMs: number): void {
    this.#outage = true;
    this.#at(this.nowMs + lengthMs, () => {
      this.#outage = false;
      const held = this.#held;
      this.#held = [];
      for (const write of held) write();
    });
  }

  /** Brokers keep what Kafka does not take, in its order. */
  #write(write: () => void): void {
    if (this.#outage) this.#held.push(write);
    else write();
  }

  /** A lease that could not be written is replaced by the next. */
  #lease(node: Node): void {
    if (node.up && !node.stalled && !this.#outage) this.log.lease(node);
    this.#at(this.nowMs + LEASE_MS, () => this.#lease(node));
  }
}
