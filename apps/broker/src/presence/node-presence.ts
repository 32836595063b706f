import { createLogTail, type KafkaConnection, type LogWriter } from '@milepost/kafka';
import { type Logger, sleep, within } from '@milepost/runtime';
import type { BrokerMetrics } from '../metrics.js';
import { LeaseKeeper, nextEpoch } from './lease-keeper.js';
import { isOutdoneBy, OtherKeepers } from './other-keepers.js';
import { PresencePublisher, type PresencePublisherOptions } from './presence-publisher.js';
import { PresenceWatch } from './presence-watch.js';
import { readHistory } from './read-history.js';

export interface NodePresenceOptions {
  node: string;
  /** It keeps the MQTT state of the installation, as nobody else does meanwhile (decision 0023). */
  keepsState: boolean;
  kafka: KafkaConnection;
  log: LogWriter;
  partitions: number;
  metrics: Pick<BrokerMetrics, 'gauge'>;
  logger: Logger;
  /** Ends the process. */
  fail(error: Error): void;
}

/** How long the start waits for the presence log: longer, and the epoch is of the clock alone. */
const HISTORY_TIMEOUT_MS = 5_000;

/** Kafka may be away: the next start waits for it to be old then. */
const LAST_LEASE_MS = 500;

/** Kafka may be away: its group goes by itself then. */
const WATCH_STOP_MS = 1_000;

/** This node in `fleet.presence`: what it says there, and what it reads of others. */
export class NodePresence {
  private constructor(
    private readonly options: NodePresenceOptions,
    readonly publisher: PresencePublisher,
    readonly watch: PresenceWatch,
    private readonly leases: LeaseKeeper,
    private readonly historyRead: Promise<true>,
  ) {}

  /** Waits until no other keeper of the state lives, where this one is to be it. From then on others know of this one. @throws when one does for long. */
  static async begin(options: NodePresenceOptions): Promise<NodePresence> {
    const { node, keepsState, kafka, log, partitions, logger, fail } = options;
    const keepers = new OtherKeepers();
    const watch = new PresenceWatch({ kafka, openTail: (tail) => createLogTail(kafka, tail), node, keepers, logger });
    const historyRead = readHistory({ kafka, watch, partitions, logger });
    const knowsHistory = await Promise.race([historyRead, sleep(HISTORY_TIMEOUT_MS).then(() => false)]);
    if (!knowsHistory)
      logger.warn({ event: 'broker.presence.unknown' }, 'Kafka does not answer; the listener opens when the state in it has been read');
    if (keepsState) {
      await historyRead;
      await keepers.untilGone();
    }
    const epoch = nextEpoch(Date.now(), Math.max(watch.lastSeenEpoch, keepers.lastEpoch));
    const publisher = new PresencePublisher({ log, node, epoch, partitions, keepsState, onLost: tellLost(logger) });
    // It may not take a later epoch any more: its successor would give way to it.
    const giveWay = (error: Error) => {
      leases.stop();
      fail(error);
    };
    const leases = new LeaseKeeper({ publisher, history: watch, partitions, logger, ...(keepsState && { onTwin: giveWay }) });
    if (keepsState)
      keepers.watch((other) => {
        if (isOutdoneBy(publisher, other))
          giveWay(new Error(`Another broker, NODE_ID ${other.node}, keeps the MQTT state of this installation now`));
      });
    leases.start();
    // What the log says of this installation may come while the state is still being read.
    historyRead.catch(fail);
    return new NodePresence(options, publisher, watch, leases, historyRead);
  }

  /** To be called when rivals are told of: when Kafka was away at the start, what the log says then may ask for a later epoch, or show that this is not our Kafka. */
  followHistory(): void {
    this.historyRead.then(() => this.leases.followHistory()).catch(this.options.fail);
  }

  showInMetrics(): void {
    const { metrics } = this.options;
    metrics.gauge('lease_age_seconds', 'Age of the oldest of the newest leases in the presence partitions', () => this.leases.ageMs / 1000);
    metrics.gauge('presence_epoch', 'Epoch of this node', () => this.publisher.epoch);
  }

  /** When all connections have ended. */
  async end(): Promise<void> {
    this.leases.stop();
    if (this.options.keepsState) await within(this.publisher.leaveState(), LAST_LEASE_MS);
    await within(this.watch.stop(), WATCH_STOP_MS);
  }
}

function tellLost(logger: Logger): NonNullable<PresencePublisherOptions['onLost']> {
  return (record, code) =>
    logger.error(
      { event: 'broker.presence.lost', kind: record.kind, vehicleId: 'vehicleId' in record ? record.vehicleId : undefined, code },
      'A presence record found no place in the log; what it says is not known there',
    );
}
