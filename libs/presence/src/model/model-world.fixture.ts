import type { DisconnectCause, PresenceRecord } from '@milepost/contracts';
import { FixtureLog } from '../log.fixture.js';
import { fixedPolicy } from '../policy/policies.js';
import { defaultPolicy } from '../policy/policy.js';
import { type Known, Laws, type Loss, type Session } from './model-laws.fixture.js';
import { nodes, type Step } from './model-step.fixture.js';

const settings = { faultsUntilMisconfigured: 1_000 };

/**
 * A world of vehicles and nodes that knows where each vehicle really is, and writes what brokers would write of it: late, repeated,
 * in any order between connections. The log says the truth in the end, and an alert is never about a vehicle that is there.
 */
export class World implements Known {
  readonly log = new FixtureLog(settings, nodes);
  readonly #laws = new Laws(this.log);
  readonly truth = new Map<string, 'online' | 'parked' | 'lost'>();
  /** Where each vehicle is; absent when it is away. */
  readonly live = new Map<string, Session>();
  /** Sessions that are over, or replaced, without their node having said so; with what it will say. */
  unnoticed: { session: Session; cause?: DisconnectCause; sinceMs?: number }[] = [];
  readonly ended: Session[] = [];
  readonly sessions: Session[] = [];
  readonly losses = new Map<string, Loss>();
  readonly records: PresenceRecord[] = [];
  setBacks = 0;
  mutedUntilMs = 0;
  /** The world's own time: the log's clock may be set back. */
  #aheadMs = 0;
  #policyVersion = 0;

  take(next: Step): void {
    switch (next.kind) {
      case 'connect':
        this.#connect(next.vehicle, next.node, next.willDelaySeconds);
        break;
      case 'leave':
        this.#leave(next);
        break;
      case 'blip': {
        const session = this.#session(next.vehicle, next.node);
        this.#write(this.log.connected(session.vehicle, session.id, { node: session.node }));
        // The newer connection threw the older one out, whatever became of itself.
        const replaced = this.live.get(next.vehicle);
        this.#write(this.log.disconnected(session.vehicle, session.id, 'not_established', session.node));
        if (replaced !== undefined) this.#notice(0, 'keepalive_timeout', undefined);
        break;
      }
      case 'crash':
        this.#crash(next.node, next.restarts);
        break;
      case 'stall':
        this.#stall(next);
        break;
      case 'outage':
        this.log.stall(next.seconds);
        break;
      case 'repeat': {
        const record = this.records[next.which % Math.max(1, this.records.length)];
        if (record) this.log.append(record);
        break;
      }
      case 'will': {
        // Of any session: early, while it is open, in time, late, and of one that was replaced.
        const session = this.sessions[next.which % Math.max(1, this.sessions.length)];
        if (session) this.#write(this.log.will(session.vehicle, session.id, session.node));
        break;
      }
      case 'notice':
        this.#notice(next.which, next.cause, undefined);
        break;
      case 'pass':
        this.#pass(next.seconds);
        break;
      case 'reload':
        this.log.reload();
        break;
      case 'setBack':
        this.log.setBack(next.seconds);
        this.#aheadMs += next.seconds * 1_000;
        this.setBacks += 1;
        break;
      case 'mute':
        this.#mute(this.log.nowMs + next.seconds * 1_000);
        break;
    }
    this.#check();
  }

  /** Everything late is written, every node lives, and all graces are over. */
  end(): void {
    for (const node of nodes) if (this.log.node(node).silent) this.#restart(node);
    while (this.unnoticed.length > 0) this.#notice(0, 'taken_over', undefined);
    this.#check();
    this.#mute(0);
    for (let minute = 0; minute < 8; minute += 1) {
      this.log.pass(60);
      this.#check();
    }
    this.#laws.end();
  }

  /** Its node is silent, with it, or with the word that it left. */
  isUnheard = (vehicleId: string): boolean => {
    const isOfSilent = ({ vehicle, node }: Session) => vehicle === vehicleId && this.log.node(node).silent;
    const live = this.live.get(vehicleId);
    return (live !== undefined && isOfSilent(live)) || this.unnoticed.some(({ session }) => isOfSilent(session));
  };

  get #nowMs(): number {
    return this.log.nowMs + this.#aheadMs;
  }

  #mute(untilMs: number): void {
    this.mutedUntilMs = untilMs;
    this.#policyVersion += 1;
    const { policyOf } = fixedPolicy({ ...defaultPolicy, ...settings });
    this.log.usePolicies({
      version: this.#policyVersion,
      policyOf,
      mutedUntilMs: (_subject, _telling, atMs) => (atMs < untilMs ? untilMs : undefined),
    });
  }

  #connect(vehicle: string, node: string, willDelaySeconds: number | undefined): void {
    if (this.log.node(node).silent) return;
    const before = this.live.get(vehicle);
    const session = this.#session(vehicle, node, willDelaySeconds);
    this.#write(this.log.connected(vehicle, session.id, { node, connectedAt: session.connectedAt, ...announced(session) }));
    if (before !== undefined) this.unnoticed.push({ session: before });
    this.live.set(vehicle, session);
    this.truth.set(vehicle, 'online');
  }

  #leave({ vehicle, cause, at, endsSession }: Pick<Extract<Step, { kind: 'leave' }>, 'vehicle' | 'cause' | 'at' | 'endsSession'>): void {
    const session = this.live.get(vehicle);
    if (session === undefined || this.log.node(session.node).silent) return;
    if (endsSession && cause === 'client_disconnect_with_will') session.sessionEnded = true;
    this.#end(session, cause);
    if (at !== 'later') this.#notice(this.unnoticed.length - 1, cause, undefined);
  }

  #end(session: Session, cause: DisconnectCause): void {
    this.live.delete(session.vehicle);
    if (cause === 'client_disconnect') this.truth.set(session.vehicle, 'parked');
    else this.#lose(session, cause === 'revoked' || cause === 'certificate_expired');
    this.unnoticed.push({ session, cause });
  }

  #crash(node: string, restarts: boolean): void {
    this.log.node(node).silent = true;
    for (const [vehicle, session] of this.live) {
      if (session.node !== node) continue;
      this.live.delete(vehicle);
      this.#lose(session, false);
      this.ended.push(session);
    }
    // What it had not said yet it never says; a clean leave that nobody heard of is a loss like any other.
    for (const { session, cause } of this.unnoticed) {
      if (session.node === node && cause !== undefined && !this.live.has(session.vehicle) && this.#isNewest(session))
        this.#lose(session, false);
    }
    this.unnoticed = this.unnoticed.filter(({ session }) => session.node !== node);
    if (restarts) this.#restart(node);
  }

  #restart(node: string): void {
    this.log.restart(node);
    this.log.node(node).silent = false;
    this.#write(this.log.lease(node));
  }

  /**
   * The node is silent for a while, closes what was replaced, and goes on with what it still holds under a new epoch. Its first lease is
   * there some time after that, and it may die before.
   */
  #stall({ node, seconds, announcingSeconds, leaves, dies }: Extract<Step, { kind: 'stall' }>): void {
    if (this.log.node(node).silent) return;
    this.log.node(node).silent = true;
    const leave = () => {
      const leaving = leaves === null ? undefined : this.live.get(leaves.vehicle);
      if (leaves === null || leaving?.node !== node) return;
      this.#end(leaving, leaves.cause);
    };
    if (leaves?.isSoon) leave();
    this.#pass(seconds);
    this.#check();
    this.#notice(0, 'taken_over', node);
    this.log.restart(node);
    for (const [vehicle, session] of this.live) {
      if (session.node !== node) continue;
      const resumed = { ...session, id: `${session.id}'` };
      this.sessions.push(resumed);
      this.#write(
        this.log.connected(vehicle, resumed.id, { node, resumed: true, connectedAt: session.connectedAt, ...announced(session) }),
      );
      this.live.set(vehicle, resumed);
    }
    if (!leaves?.isSoon) leave();
    this.#notice(0, 'taken_over', node);
    this.#pass(announcingSeconds);
    if (dies) {
      this.#crash(node, false);
      return;
    }
    this.log.node(node).silent = false;
    this.#write(this.log.lease(node));
  }

  /** The end of one session, or of all of a node, reaches the log. */
  #notice(which: number, cause: DisconnectCause, node: string | undefined): void {
    const due =
      node === undefined
        ? this.unnoticed.slice(which % Math.max(1, this.unnoticed.length)).slice(0, 1)
        : this.unnoticed.filter(({ session }) => session.node === node);
    for (const end of due) {
      if (node === undefined && this.log.node(end.session.node).silent) continue;
      this.unnoticed = this.unnoticed.filter((other) => other !== end);
      this.ended.push(end.session);
      const { vehicle, id, node: of, sessionEnded } = end.session;
      this.#write(this.log.disconnected(vehicle, id, end.cause ?? cause, of, sessionEnded && { sessionExpirySeconds: 0 }));
    }
  }

  /** A node that lives notices what is over within 20 s. */
  #pass(seconds: number): void {
    for (let left = seconds; left > 0; left -= 10) {
      this.log.pass(Math.min(10, left));
      for (const end of [...this.unnoticed]) {
        end.sinceMs ??= this.#nowMs;
        if (this.#nowMs - end.sinceMs >= 10_000) this.#notice(this.unnoticed.indexOf(end), 'taken_over', undefined);
      }
    }
  }

  #lose(session: Session, atOnce: boolean): void {
    this.truth.set(session.vehicle, 'lost');
    this.losses.set(session.vehicle, { atMs: this.log.nowMs, setBacks: this.setBacks, session, atOnce });
  }

  #session(vehicle: string, node: string, willDelaySeconds?: number): Session {
    const number = this.sessions.length + 1;
    const connectedAt = new Date(this.#nowMs + number).toISOString();
    const session = { vehicle, node, id: `${vehicle}-${number}`, connectedAt, willDelaySeconds };
    this.sessions.push(session);
    return session;
  }

  #isNewest({ vehicle, id }: Session): boolean {
    const number = (session: Session) => Number(session.id.split('-')[1]?.replaceAll("'", ''));
    const mine = Number(id.split('-')[1]?.replaceAll("'", ''));
    return [...this.ended, ...this.unnoticed.map(({ session }) => session)].every(
      (other) => other.vehicle !== vehicle || number(other) <= mine,
    );
  }

  #write(record: PresenceRecord): void {
    this.records.push(record);
  }

  #check(): void {
    this.#laws.check(this);
  }
}

const announced = ({ vehicle, willDelaySeconds: delaySeconds }: Session) =>
  delaySeconds === undefined
    ? {}
    : { will: { topic: `fleet/${vehicle}/status`, payloadBase64: '', qos: 1, retain: false, delaySeconds } as const };
