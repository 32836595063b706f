import type { DisconnectCause, PolicySettings, PresenceRecord } from '@milepost/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Effect } from '../effect.js';
import { PolicyBook } from '../policy/policy-book.js';
import type { NumberedChange } from '../policy/policy-change.js';
import { type PresenceEvent, PresencePartition, type StoredPartition } from '../presence-partition.js';
import { AlertLedger, type LedgerAlert } from './alert-ledger.js';
import { factsFor, type JudgedFacts, noFacts, type PackedBatch, packBatch, type RecordedBatch, unpackBatch } from './recorded-batch.js';
import { RecordedPolicies } from './recorded-policies.js';
import { ReplayedFleet } from './replayed-fleet.js';

const START_MS = Date.parse('2026-01-01T00:00:00Z');
const vehicles = ['v1', 'v2', 'v3', 'v4'] as const;
const causes: DisconnectCause[] = [
  'network_error',
  'keepalive_timeout',
  'client_disconnect',
  'protocol_error',
  'revoked',
  'taken_over',
  'not_established',
  'server_shutdown',
];
const settings = fc.record<PolicySettings>({
  graceSeconds: fc.integer({ min: 0, max: 60 }),
  deadZoneGraceSeconds: fc.constantFrom(0, 90),
  silentAfterSeconds: fc.constantFrom(20, 600),
  alertOnCleanDisconnect: fc.boolean(),
  minimumOutageSeconds: fc.constantFrom(0, 30),
  renotifySeconds: fc.constantFrom(0, 40),
});

const vehicle = fc.constantFrom(...vehicles);
const event = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('connect' as const), vehicle, node: fc.constantFrom('a', 'b') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), vehicle, cause: fc.constantFrom(...causes) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('will' as const), vehicle }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refused' as const), vehicle }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('lease' as const), node: fc.constantFrom('a', 'b', 'alerts') }) },
);
const batch = fc.record({
  events: fc.array(event, { maxLength: 8 }),
  passMs: fc.constantFrom(0, 1_000, 2_000, 10_000, 40_000),
  loaded: fc.boolean(),
  policy: fc.option(settings, { freq: 6 }),
  held: fc.boolean(),
  deadZone: fc.boolean(),
  spokenFor: fc.boolean(),
  incident: fc.boolean(),
  reported: fc.option(fc.integer({ min: 0, max: 60_000 })),
});
type Batch = typeof batch extends fc.Arbitrary<infer B> ? B : never;

/** What alerts does with batches, in short: it applies them, keeps what it was told, and may die in between. */
class Alerts {
  presence = new PresencePartition(PolicyBook.empty);
  readonly ledger = new AlertLedger();
  readonly changes: NumberedChange[] = [];
  readonly recorded: RecordedBatch[] = [];
  nowMs = START_MS;
  #book = PolicyBook.empty;
  #offset = 0;
  #counter = 0;
  readonly #open = new Map<string, string>();
  #closed = 0;
  #incident: string | undefined;

  take({ events, passMs, loaded, policy, ...said }: Batch): void {
    if (policy !== null) {
      const change: NumberedChange = {
        id: this.changes.length + 1,
        change: { kind: 'policy', organisationId: 1, scope: 'organisation', priority: 0, settings: policy },
      };
      this.changes.push(change);
      this.#book = this.#book.with([change]);
    }
    if (loaded) this.presence = new PresencePartition(this.#book, stateOf(this.presence));
    if (loaded || this.presence.policyVersion !== this.#book.version) this.presence.usePolicies(this.#book);
    const applied = events.map((one) => this.#event(one));
    const effects: Effect[] = applied.flatMap((one) => this.presence.apply(one));
    this.nowMs += passMs;
    const due = this.presence.takeDue();
    const numbers = due.map((one) => one.vehicle);
    const joins = said.incident && due.length > 0;
    if (joins) this.#incident ??= `incident-${this.recorded.length}`;
    const closed = !joins && this.#incident !== undefined ? [this.#incident] : [];
    const facts: JudgedFacts = {
      ...noFacts,
      ...(!said.held && { consumedToMs: Number.POSITIVE_INFINITY }),
      completeUntilMs: this.nowMs,
      reports: said.reported === null ? [] : numbers.map((number) => [number, this.nowMs - (said.reported ?? 0)]),
      deadZone: said.deadZone ? numbers : [],
      spokenFor: said.spokenFor ? numbers : [],
      incidents: joins && this.#incident !== undefined ? [[this.#incident, numbers]] : [],
      opened: joins && this.#incident !== undefined ? [{ id: this.#incident, organisationId: 1, node: 'a', members: numbers }] : [],
      closed,
    };
    if (closed.length > 0) this.#incident = undefined;
    const factsOf = factsFor(facts);
    effects.push(...due.flatMap((one) => this.presence.judge(one, factsOf(one))));
    effects.push(...closed.flatMap((id) => this.presence.closeIncident(id)));
    this.ledger.took(effects);
    const { clockMs, logTimeMs } = this.presence.clock;
    const whole = { events: applied, due: due.length, facts };
    // As the database gives it back.
    const stored = unpackBatch(JSON.parse(JSON.stringify(packBatch(whole))) as PackedBatch);
    this.recorded.push({
      partition: 0,
      loaded,
      policyVersion: this.#book.version,
      ...stored,
      clockMs,
      ...(logTimeMs !== undefined && { logTimeMs }),
    });
  }

  #event(one: Batch['events'][number]): PresenceEvent {
    this.#offset += 1;
    this.#counter += 1;
    const place = { offset: this.#offset, atMs: this.nowMs };
    const stamp = { epoch: 1, counter: this.#counter };
    if (one.kind === 'lease') {
      const role = one.node === 'alerts' ? ('alerts' as const) : ('broker' as const);
      return { record: { kind: 'lease', node: one.node, role, partition: 0, ...stamp }, ...place };
    }
    const owner = { vehicle: vehicles.indexOf(one.vehicle) + 1, organisationId: 1 };
    const holder = { vehicleId: one.vehicle, organisation: 'default', node: 'a', ...stamp };
    const connectionId = this.#open.get(one.vehicle) ?? 'none';
    let record: PresenceRecord;
    if (one.kind === 'connect') {
      this.#open.set(one.vehicle, `c${this.#offset}`);
      record = {
        ...holder,
        kind: 'connected',
        node: one.node,
        connectionId: `c${this.#offset}`,
        connectedAt: new Date(this.nowMs).toISOString(),
        resumed: this.#offset % 7 === 0,
        address: `192.0.2.${this.#offset % 5}`,
        protocolVersion: 5,
        cleanStart: true,
        keepAliveSeconds: 60,
        // Shorter than some of the delays.
        sessionExpirySeconds: 10,
        certificate: { issuer: 'CN=ca', serial: '01', notAfter: '2030-01-01T00:00:00Z' },
        will: { topic: `fleet/${one.vehicle}/status`, payloadBase64: 'Z29uZQ==', qos: 1, retain: true, delaySeconds: this.#offset % 20 },
      };
    } else if (one.kind === 'end') {
      const ended = [{ sessionExpirySeconds: 0 }, {}, { sessionExpirySeconds: 40, willDelaySeconds: 40 }];
      record = { ...holder, kind: 'disconnected', connectionId, cause: one.cause, ...ended[this.#offset % 3] };
    } else if (one.kind === 'will') record = { ...holder, kind: 'will', connectionId, topic: 'fleet/x/status', payloadBase64: 'Z29uZQ==' };
    else {
      const refused = { reason: 'take_over_limit' as const, commonName: one.vehicle, organisation: 'default', remedy: '-', count: 1 };
      record = {
        kind: 'refused',
        node: 'a',
        ...stamp,
        at: new Date(this.nowMs).toISOString(),
        address: `192.0.2.${this.#closed++ % 9}`,
        ...refused,
      };
      return { record, organisationId: 1, ...place };
    }
    return { record, owner, ...place };
  }
}

/** As it comes back from the tables. */
function stateOf(presence: PresencePartition): StoredPartition {
  const state = { clock: presence.clock, vehicles: [...presence.vehicles()], closed: [...presence.closedConnections()] };
  return JSON.parse(JSON.stringify(state)) as StoredPartition;
}

const alertsOf = (ledger: AlertLedger) =>
  [...ledger.takeResolved(), ...ledger.open()].sort(
    (a, b) => a.openedAtMs - b.openedAtMs || a.vehicle - b.vehicle || (a.type < b.type ? -1 : 1),
  );

describe('A replay of what was recorded', () => {
  it('comes to the same alerts and states from any snapshot, whatever happened, and stands at the same clock behind every batch', async () => {
    let opened = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 20, maxLength: 90 }), fc.nat(), async (batches, place) => {
        const alerts = new Alerts();
        const snapshotAt = place % Math.ceil(batches.length / 3);
        let snapshot: { stored: StoredPartition; policyVersion: number } | undefined;
        for (const [index, one] of batches.entries()) {
          alerts.take(one);
          if (index !== snapshotAt) continue;
          snapshot = { stored: stateOf(alerts.presence), policyVersion: alerts.presence.policyVersion };
          alerts.ledger.takeResolved();
        }
        const policies = new RecordedPolicies(alerts.changes);
        const fleet = new ReplayedFleet({ partitions: snapshot ? [snapshot] : [], policiesAt: (at) => policies.at(at), incidents: [] });
        for (const recorded of alerts.recorded.slice(snapshotAt + 1)) expect(await fleet.apply(recorded)).toBeUndefined();
        const real = alertsOf(alerts.ledger);
        const replayed = alertsOf(fleet.ledger);
        expect(replayed.map(withoutSeed)).toEqual(real.map((alert, index) => asKnown(alert, replayed[index])));
        opened += replayed.length;
      }),
      { numRuns: 300 },
    );
    expect(opened).toBeGreaterThan(300);
  });

  it('says where it leaves the record when a batch is missing', async () => {
    const alerts = new Alerts();
    const lease = { kind: 'lease' as const, node: 'a' };
    const quiet = { loaded: false, policy: null, held: false, deadZone: false, spokenFor: false, incident: false, reported: null };
    for (let count = 0; count < 6; count += 1) alerts.take({ events: [lease as never], passMs: 2_000, ...quiet });
    const fleet = new ReplayedFleet({
      partitions: [{ stored: stateOf(new PresencePartition(PolicyBook.empty)), policyVersion: 0 }],
      policiesAt: () => PolicyBook.empty,
      incidents: [],
    });
    const [first, second, , , fifth] = alerts.recorded as [RecordedBatch, RecordedBatch, RecordedBatch, RecordedBatch, RecordedBatch];
    expect(await fleet.apply(first)).toBeUndefined();
    expect(await fleet.apply(second)).toBeUndefined();
    expect(await fleet.apply(fifth)).toMatchObject({ what: 'clock' });
  });
});

const withoutSeed = ({ seeded, ...alert }: LedgerAlert): LedgerAlert => alert;

/** Of an alert that was open in the snapshot already it is not known why, nor, if somebody was told before, when. */
function asKnown(alert: LedgerAlert, { seeded }: Pick<LedgerAlert, 'seeded'> = {}): LedgerAlert {
  if (seeded === undefined) return alert;
  const { severity, cause, incidentId, toldAtMs, ...known } = alert;
  return seeded === 'untold' && toldAtMs !== undefined ? { ...known, toldAtMs } : known;
}
