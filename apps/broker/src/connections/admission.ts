import type { Connected, RefusalReason } from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import { type Connect, ReasonCode } from '@milepost/mqtt';
import type { Logger } from '@milepost/runtime';
import { type ConnectRefusal, checkConnect } from '../identity/check-connect.js';
import { clientKey } from '../identity/client-key.js';
import { isAnswering, type MessageLog } from '../log/message-log.js';
import type { BrokerMetrics } from '../metrics.js';
import { type AnnouncedConnection, isReplaced } from '../presence/announced-connection.js';
import { connectionFacts } from '../presence/connection-facts.js';
import type { PresencePublisher, RefusedAttempt } from '../presence/presence-publisher.js';
import type { RefusalReporter } from '../refusals/refusal-reporter.js';
import type { ClientConnection } from './client-connection.js';
import type { ClientRegistry } from './client-registry.js';
import type { TakeOverLimiter } from './take-over-limiter.js';

export interface AdmissionOptions {
  log: MessageLog;
  publisher: PresencePublisher;
  registry: ClientRegistry;
  takeOvers: TakeOverLimiter;
  refusals: Pick<RefusalReporter, 'refused'>;
  metrics: Pick<BrokerMetrics, 'takeOvers' | 'connectSeconds'>;
  logger: Logger;
  now?: () => number;
}

const KAFKA_AWAY: ConnectRefusal = {
  reasonCode: ReasonCode.ServerUnavailable,
  reason: 'overloaded',
  detail: 'connections cannot be recorded at the moment; try again later',
};
const TOO_MANY_TAKE_OVERS: ConnectRefusal = {
  reasonCode: ReasonCode.QuotaExceeded,
  reason: 'take_over_limit',
  detail: 'this identity was taken over too often; two clients use it',
};

/** From CONNECT to CONNACK: is the client who it says it is, and is it on record that it is here? */
export class Admission {
  /** CONNECT was taken, CONNACK waits for the log. */
  private readonly waiting = new Set<ClientConnection>();
  private readonly now: () => number;

  constructor(private readonly options: AdmissionOptions) {
    this.now = options.now ?? Date.now;
  }

  get waitingCount(): number {
    return this.waiting.size;
  }

  connect(connection: ClientConnection, connect: Connect): void {
    const { publisher, registry } = this.options;
    const refusal = checkConnect(connect, connection.identity, connection.topics) ?? this.unavailable(connection.key);
    if (refusal !== undefined) {
      this.refuse(connection, refusal);
      return;
    }
    const { announced, outcome } = publisher.connected(connectionFacts(connection, connect, this.now()));
    connection.announced = announced;
    this.waiting.add(connection);
    // After the new `connected` was handed over: what the old connection leaves behind comes later in the log.
    const previous = registry.take(connection);
    if (previous !== undefined) this.takeOver(previous, 'this_node');
    const startedAt = performance.now();
    void outcome.then((stored) => {
      this.waiting.delete(connection);
      this.answer(connection, announced, stored, startedAt);
    });
  }

  /** Another node has recorded a connection of one of our clients. The later one in the log stays. */
  rival(rival: Connected, offset: bigint): void {
    const connection = this.options.registry.holder(clientKey(rival.organisation, rival.vehicleId));
    const announced = connection?.announced;
    if (connection === undefined || announced === undefined) return;
    if (announced.rivalAt === undefined || announced.rivalAt < offset) announced.rivalAt = offset;
    if (isReplaced(announced)) this.takeOver(connection, 'another_node');
  }

  /** Once a second: nobody waits for a log that does not answer. */
  sweep(): void {
    const nowMs = this.now();
    this.options.takeOvers.sweep(nowMs);
    if (isAnswering(this.options.log, nowMs)) return;
    for (const connection of this.waiting) {
      this.waiting.delete(connection);
      this.refuse(connection, KAFKA_AWAY);
    }
  }

  /** Reports an attempt that ends here, with what its certificate says. */
  report(connection: ClientConnection, reason: RefusalReason, detail: string): void {
    connection.reported = true;
    this.options.refusals.refused(attemptOf(connection, reason), detail);
  }

  private unavailable(key: string): ConnectRefusal | undefined {
    const nowMs = this.now();
    if (this.options.takeOvers.isRefused(key, nowMs)) return TOO_MANY_TAKE_OVERS;
    return isAnswering(this.options.log, nowMs) ? undefined : KAFKA_AWAY;
  }

  private refuse(connection: ClientConnection, { reasonCode, reason, detail }: ConnectRefusal): void {
    this.report(connection, reason, detail);
    connection.refuse(reasonCode, detail);
  }

  private takeOver(previous: ClientConnection, by: 'this_node' | 'another_node'): void {
    this.options.takeOvers.takenOver(previous.key, this.now());
    this.options.metrics.takeOvers.inc({ by });
    previous.close('taken_over', ReasonCode.SessionTakenOver, 'another connection of this client took over');
  }

  private answer(connection: ClientConnection, announced: AnnouncedConnection, outcome: AppendOutcome, startedAt: number): void {
    if (connection.over) return;
    if (outcome.kind !== 'stored') {
      this.refuse(connection, KAFKA_AWAY);
      return;
    }
    if (isReplaced(announced)) {
      this.takeOver(connection, 'another_node');
      return;
    }
    const { vehicleId, identity, address } = connection;
    this.options.metrics.connectSeconds.observe((performance.now() - startedAt) / 1000);
    connection.accept({ clientId: vehicleId });
    this.options.logger.info(
      {
        event: 'broker.connection.opened',
        vehicleId,
        organisation: identity.organisation,
        address,
        connectionId: announced.connectionId,
        protocolVersion: announced.facts.protocolVersion,
      },
      'A vehicle connected',
    );
  }
}

function attemptOf({ identity, address }: ClientConnection, reason: RefusalReason): RefusedAttempt {
  const { vehicleId, organisation, issuer, serial, notAfter } = identity;
  return { address, commonName: vehicleId, organisation, issuer, serial, notAfter: notAfter.toISOString(), reason };
}
