import type { Packet } from '@milepost/mqtt';
import type { Registry } from '@milepost/runtime';
import { Counter, Gauge, Histogram } from 'prom-client';
import { TimeCounts } from './time-counts.js';

type PacketCounts = Partial<Record<Packet['type'], number>>;

/** One metric, or those of its series that have all the labels. */
export interface MetricReading {
  /** Without `milepost_broker_`. */
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The broker's metrics. What happens for every packet is counted in plain numbers and handed to Prometheus when it asks. */
export class BrokerMetrics {
  private readonly packets: Record<'in' | 'out', PacketCounts> = { in: {}, out: {} };
  private readonly bytes = { in: 0, out: 0 };
  private readonly ackTimes = new TimeCounts([0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]);
  readonly connectSeconds: Histogram;
  readonly handshakeFailures: Counter<'reason'>;
  readonly handshakes: Counter<'resumed'>;
  readonly refusals: Counter<'reason'>;
  readonly unrecordedRefusals: Counter;
  readonly ends: Counter<'cause'>;
  readonly takeOvers: Counter<'by'>;
  readonly qos0Dropped: Counter<'reason'>;
  readonly refusedPublishes: Counter<'reason'>;
  readonly undelivered: Counter<'reason'>;
  readonly willsGivenUp: Counter<'reason'>;
  readonly readingStops: Counter;
  readonly limits: Counter<'limit'>;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    const { packets, bytes } = this;
    new Counter({
      name: 'milepost_broker_packets_total',
      help: 'MQTT packets by type and direction',
      labelNames: ['type', 'direction'],
      registers,
      collect() {
        this.reset();
        for (const direction of ['in', 'out'] as const)
          for (const [type, count] of Object.entries(packets[direction])) this.inc({ type, direction }, count);
      },
    });
    new Counter({
      name: 'milepost_broker_mqtt_bytes_total',
      help: 'MQTT bytes inside TLS by direction',
      labelNames: ['direction'],
      registers,
      collect() {
        this.reset();
        this.inc({ direction: 'in' }, bytes.in);
        this.inc({ direction: 'out' }, bytes.out);
      },
    });
    this.ackTimes.register(registry, 'milepost_broker_publish_ack_seconds', 'From a PUBLISH of QoS 1 or 2 to its acknowledgement');
    this.connectSeconds = new Histogram({
      name: 'milepost_broker_connect_seconds',
      help: 'From CONNECT to CONNACK: the time that the connected record took to be durable',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    });
    const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
      new Counter<L>({ name: `milepost_broker_${name}_total`, help, labelNames, registers });
    this.handshakes = counter('handshakes', 'TLS handshakes that were completed', ['resumed']);
    this.handshakeFailures = counter('handshake_failures', 'TLS handshakes that were not completed, or whose certificate was refused', [
      'reason',
    ]);
    this.refusals = counter('refused_connections', 'Refused connection attempts', ['reason']);
    this.unrecordedRefusals = counter(
      'refused_connections_unrecorded',
      'Refused attempts that are on no record: Kafka did not answer (these are logged), or too many kinds were to be told apart',
      [],
    );
    this.ends = counter('disconnections', 'Ended connections by cause', ['cause']);
    this.takeOvers = counter('take_overs', 'Connections replaced by a newer one, on this node or another', ['by']);
    this.qos0Dropped = counter('qos0_dropped', 'QoS 0 messages that were not bridged, or whose topic does not retain them on record', [
      'reason',
    ]);
    this.refusedPublishes = counter('refused_publishes', 'Refused PUBLISH packets', ['reason']);
    this.undelivered = counter('undelivered', 'Messages that did not reach a subscriber', ['reason']);
    this.willsGivenUp = counter(
      'wills_given_up',
      'Wills that were given up: never published, or only in part, as one that is bridged and not retained',
      ['reason'],
    );
    this.readingStops = counter('reading_stops', 'Times that a socket was no longer read, for want of room', []);
    this.limits = counter('limits_reached', 'Times that a limit held something back or turned something away', ['limit']);
  }

  packet(direction: 'in' | 'out', type: Packet['type'], count: number): void {
    const counts = this.packets[direction];
    counts[type] = (counts[type] ?? 0) + count;
  }

  publishAcknowledged(afterMs: number, count: number): void {
    this.ackTimes.observe(afterMs / 1000, count);
  }

  transferred(direction: 'in' | 'out', bytes: number): void {
    this.bytes[direction] += bytes;
  }

  /** What Prometheus would be told now: the sum of the series; 0 while there is none. */
  async read({ name, labels = {} }: MetricReading): Promise<number> {
    const metric = await this.registry.getSingleMetric(`milepost_broker_${name}`)?.get();
    const wanted = Object.entries(labels);
    let sum = 0;
    for (const series of metric?.values ?? []) if (wanted.every(([label, value]) => series.labels[label] === value)) sum += series.value;
    return sum;
  }

  /** A value that is looked up when Prometheus asks. */
  gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name: `milepost_broker_${name}`,
      help,
      registers: [this.registry],
      collect() {
        this.set(value());
      },
    });
  }

  /** As many values as there are of what the label names; to be few. */
  gaugeBy(label: string, name: string, help: string, values: () => readonly (readonly [string, number])[]): void {
    new Gauge({
      name: `milepost_broker_${name}`,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [of, value] of values()) this.set({ [label]: of }, value);
      },
    });
  }
}
