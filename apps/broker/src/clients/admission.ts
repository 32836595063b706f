import { type Connect, ReasonCode } from '@milepost/mqtt';
import type { Logger } from '@milepost/runtime';
import type { Retaining } from '../delivery/retained/retaining.js';
import type { ClientConnectRate } from '../limits/client-connect-rate.js';
import type { ConnectRate } from '../limits/connect-rate.js';
import { isAnswering, type MessageLog } from '../log/message-log.js';
import type { BrokerMetrics } from '../metrics.js';
import type { BrokerSession } from '../sessions/broker-session.js';
import type { Sessions } from '../sessions/sessions.js';
import type { Wills } from '../wills/wills.js';
import type { Access } from './access.js';
import type { Client } from './client.js';
import type { ClientRegistry } from './client-registry.js';
import type { Admittance, ConnectRefusal } from './gate.js';
import { limitOfRefusal } from './reached-limits.js';
import type { TakeOverLimiter } from './take-over-limiter.js';

export interface AdmissionOptions {
  log: MessageLog;
  registry: ClientRegistry;
  sessions: Sessions;
  wills: Wills;
  retaining: Pick<Retaining, 'hasRoomForWill'>;
  /** How long the session of a CONNECT outlives its connection, in seconds. */
  sessionExpiryOf(connect: Connect): number;
  takeOvers: TakeOverLimiter;
  /** How long a CONNECT may wait for the log to have its connection, session and will, in ms. */
  recordTimeoutMs: number;
  /** Undefined: as many CONNECTs as come. */
  connectRate?: ConnectRate | undefined;
  /** Likewise of one client. */
  clientConnectRate?: ClientConnectRate | undefined;
  metrics: Pick<BrokerMetrics, 'takeOvers' | 'connectSeconds' | 'limits'>;
  logger: Logger;
}

const KAFKA_AWAY: ConnectRefusal = {
  reasonCode: ReasonCode.ServerUnavailable,
  reason: 'overloaded',
  detail: 'connections cannot be recorded at the moment; try again later',
};
const NOT_JUDGED: ConnectRefusal = {
  reasonCode: ReasonCode.ServerUnavailable,
  reason: 'overloaded',
  detail: 'the login cannot be judged at the moment; try again later',
};
const TOO_MANY_CONNECTS: ConnectRefusal = {
  reasonCode: ReasonCode.ConnectionRateExceeded,
  reason: 'overloaded',
  detail: 'too many clients connect at the moment; try again later',
};
const TOO_MANY_TAKE_OVERS: ConnectRefusal = {
  reasonCode: ReasonCode.QuotaExceeded,
  reason: 'take_over_limit',
  detail: 'this identity was taken over too often; two clients use it',
};
const CONNECTING_TOO_OFTEN: ConnectRefusal = {
  reasonCode: ReasonCode.ConnectionRateExceeded,
  reason: 'connecting_too_often',
  detail: 'this client has connected too often in the last minute; try again later',
};
const WILL_TOO_LARGE: ConnectRefusal = {
  reasonCode: ReasonCode.ImplementationSpecificError,
  reason: 'will_too_large',
  detail: 'the will and its properties are too large for one record',
};
const WILL_NOT_RETAINED: ConnectRefusal = {
  reasonCode: ReasonCode.QuotaExceeded,
  reason: 'will_not_retained',
  detail: 'the will is to be retained, and there is no room for one more retained message, or its topic has too many levels',
};
const TOO_MANY_SESSIONS: ConnectRefusal = {
  reasonCode: ReasonCode.QuotaExceeded,
  reason: 'too_many_sessions',
  detail: 'this user has as many sessions as it may have; end one, or let one expire',
};

/** From CONNECT to CONNACK: is the client who it says it is, and is it on record that it is here? */
export class Admission {
  /** CONNECT was taken, CONNACK waits for the log: since when (`performance.now`). */
  private readonly waiting = new Map<Client, number>();

  constructor(private readonly options: AdmissionOptions) {}

  get waitingCount(): number {
    return this.waiting.size;
  }

  connect(client: Client, connect: Connect): void {
    // Before anything that costs: a password's hash, a record in the log.
    if (this.options.connectRate?.take(client.gate.kind, performance.now()) === false) {
      this.options.metrics.limits.inc({ limit: 'connect_rate' });
      this.refuse(client, TOO_MANY_CONNECTS);
      return;
    }
    const admittance = client.gate.admit(connect);
    if (!(admittance instanceof Promise)) this.admitted(client, connect, admittance);
    else
      void admittance
        .catch((err: unknown) => this.undecided(client, err))
        .then((outcome) => {
          if (!client.over) this.admitted(client, connect, outcome);
        });
  }

  /** The connection has ended: its CONNECT waits for nothing any more. */
  left(client: Client): void {
    this.waiting.delete(client);
  }

  /** Once a second: nobody waits for a log that does not answer, nor for ever for one that answers others alone. */
  sweep(): void {
    const { log, takeOvers, clientConnectRate, recordTimeoutMs, metrics } = this.options;
    const nowMs = performance.now();
    takeOvers.sweep(nowMs);
    clientConnectRate?.sweep(nowMs);
    const answering = isAnswering(log);
    for (const [client, sinceMs] of this.waiting) {
      if (answering && nowMs - sinceMs < recordTimeoutMs) continue;
      this.waiting.delete(client);
      if (answering) metrics.limits.inc({ limit: 'connack_time' });
      this.notRecorded(client);
    }
  }

  /** Another connection has the client now. */
  takeOver(previous: Client, by: 'this_node' | 'another_node'): void {
    if (previous.access !== undefined) this.options.takeOvers.takenOver(previous.access.key, performance.now());
    this.options.metrics.takeOvers.inc({ by });
    previous.close('taken_over', ReasonCode.SessionTakenOver, 'another connection of this client took over');
  }

  private admitted(client: Client, connect: Connect, admittance: Admittance): void {
    const refusal = admittance.ok
      ? (this.impossible(connect, admittance.access) ?? this.unavailable(connect, admittance.access))
      : admittance;
    if (refusal !== undefined) this.refuse(client, refusal);
    else if (admittance.ok) this.record(client, connect, admittance.access);
  }

  /** To hash a password takes memory, which there may be none of: no reason for the process to end. */
  private undecided(client: Client, err: unknown): Admittance {
    this.options.logger.error({ event: 'broker.login.failed', address: client.gate.address, err }, 'A login could not be judged');
    return { ok: false, ...NOT_JUDGED };
  }

  private record(client: Client, connect: Connect, access: Access): void {
    client.access = access;
    const expirySeconds = this.options.sessionExpiryOf(connect);
    const recorded = client.gate.announce(connect, expirySeconds);
    this.waiting.set(client, performance.now());
    // After the new `connected` was handed over: what the old connection leaves behind comes later in the log.
    const previous = this.options.registry.take(access.key, client);
    if (previous !== undefined) this.takeOver(previous, 'this_node');
    const startedAt = performance.now();
    const opened = this.options.sessions.open(access, connect.cleanStart, expirySeconds);
    const { session, present, durable, replaces } = opened;
    client.session = session;
    client.expiryBefore = opened.expiryBefore;
    this.options.wills.returning(access, present);
    if (connect.will !== undefined) client.will = this.options.wills.announce(access, connect.will, session.keeper?.born);
    // The session and the will wait for room in the log; the connection does not, and nobody is let in without it.
    void recorded.then(({ kind }) => {
      if (kind !== 'stored') this.turnAway(client);
    });
    const everything = Promise.all([recorded, durable, client.will?.durable]);
    void everything.then(([{ kind }, , willKept = true]) => {
      const answer = () => this.answer(client, { access, session, present }, connect, startedAt);
      if (client.over || kind !== 'stored' || !willKept || client.gate.replaced) this.turnAway(client);
      else this.last(client, access, replaces ? session : undefined, answer);
    });
  }

  /** What is written when nothing else is waited for, because it takes the place of what was before: mostly nothing. `answer` follows. */
  private last(client: Client, access: Access, replacing: BrokerSession | undefined, answer: () => void): void {
    if (replacing !== undefined) {
      void this.options.sessions.replace(replacing).then(() => this.last(client, access, undefined, answer));
      return;
    }
    // After the session: a log that took the will alone would say that the CONNECT was accepted.
    const willKept = client.over ? undefined : this.options.wills.establish(access);
    if (willKept === undefined) answer();
    else void willKept.then((isKept) => (isKept ? answer() : this.turnAway(client)));
  }

  /** What it needs is not on record, or not for it. */
  private turnAway(client: Client): void {
    this.waiting.delete(client);
    if (client.over) return;
    if (client.gate.replaced) this.takeOver(client, 'another_node');
    else this.notRecorded(client);
  }

  /** No fault of the client: its CONNECT does not count against it. */
  private notRecorded(client: Client): void {
    if (client.access !== undefined) this.options.clientConnectRate?.giveBack(client.access.key);
    this.refuse(client, KAFKA_AWAY);
  }

  /** It would be refused however often it comes. */
  private impossible({ will }: Connect, access: Access): ConnectRefusal | undefined {
    return will === undefined || this.options.wills.fits(access, will) ? undefined : WILL_TOO_LARGE;
  }

  private unavailable({ will }: Connect, access: Access): ConnectRefusal | undefined {
    const { takeOvers, clientConnectRate, sessions, retaining, log } = this.options;
    const nowMs = performance.now();
    if (takeOvers.isRefused(access.key, nowMs)) return TOO_MANY_TAKE_OVERS;
    if (!sessions.hasRoomFor(access.key)) return TOO_MANY_SESSIONS;
    if (will !== undefined && !retaining.hasRoomForWill(access, will, nowMs)) return WILL_NOT_RETAINED;
    if (!isAnswering(log)) return KAFKA_AWAY;
    // Last: it counts those alone that are refused for nothing else.
    return clientConnectRate?.take(access.key, nowMs) === false ? CONNECTING_TOO_OFTEN : undefined;
  }

  private refuse(client: Client, { reasonCode, reason, detail }: ConnectRefusal): void {
    const limit = limitOfRefusal(reason);
    if (limit !== undefined) this.options.metrics.limits.inc({ limit });
    client.report(reason, detail);
    client.refuse(reasonCode, detail);
  }

  private answer(
    client: Client,
    { access, session, present }: { access: Access; session: BrokerSession; present: boolean },
    connect: Connect,
    startedAt: number,
  ): void {
    if (client.over || client.gate.replaced) {
      this.turnAway(client);
      return;
    }
    this.waiting.delete(client);
    // The last moment in which nothing of the client's has changed.
    this.options.sessions.established(session);
    this.options.metrics.connectSeconds.observe((performance.now() - startedAt) / 1000);
    client.accept({ clientId: access.clientId, session: session.engine, sessionPresent: present });
    // One that is over again by now has said itself what its CONNECT came to.
    if (!client.over) this.options.wills.returned(access);
    this.options.logger.info(
      { event: 'broker.connection.opened', ...client.gate.who, address: client.gate.address, protocolVersion: connect.protocolVersion },
      'A client connected',
    );
  }
}
