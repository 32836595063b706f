import type { Effect, IncidentLimits, JudgedFacts, PartitionClock, Policies, PresencePartition, VehicleState } from '@milepost/presence';
import { factsFor, mayBeJudged } from '@milepost/presence';
import type { PoolClient } from 'pg';
import { consumedToMs, inDeadZones, type Place, reportsOf, spokenForOf } from '../store/facts.js';
import { saveChanges } from '../store/partition-store.js';
import { type DueSuspect, guardAgainstStorm, type StormGuardOptions } from '../storm/storm-guard.js';
import { type TendOptions, tendIncidents } from '../storm/tend-incidents.js';

export interface JudgeOptions {
  client: PoolClient;
  presence: PresencePartition;
  place: Place;
  policies: Policies;
  stormMinVehicles: number;
  incidentLimits: IncidentLimits;
  onIncidentOpened: StormGuardOptions['onOpened'];
  onIncidentClosed: TendOptions['onClosed'];
}

/** What came of it, and from what: a backtest is to judge by the same. */
export interface Judged {
  effects: Effect[];
  due: number;
  /** Deadlines that are due, and wait until every partition is consumed to the same log time. */
  deadlinesHeld: number;
  facts: JudgedFacts;
  /** Incidents opened from this partition that are open behind this batch. */
  incidentsOpen: number;
}

/** Judges the deadlines that a partition's clock has reached, in the transaction that advances its position. */
export async function judgeDue(options: JudgeOptions): Promise<Judged> {
  const { client, presence, place, policies } = options;
  const { partition } = place;
  const { clock } = presence;
  const due = presence.takeDue();
  const guarded = due.filter((vehicle) => suspectOf(vehicle, clock.clockMs)?.atOnce === false);
  const consumed = guarded.length === 0 ? undefined : await consumedToMs(client, place, clock);
  const ready = guarded.filter((vehicle) => isReady(vehicle, consumed, clock));

  // The guard counts rows: those of this partition must be as new as those of the others.
  if (ready.length > 0) await saveChanges(client, partition, presence.takeChanges());
  const { incidentOf, opened } = await guardAgainstStorm(ready.flatMap(asDueSuspect), {
    client,
    partition,
    clock,
    minimum: options.stormMinVehicles,
    policies,
    onOpened: options.onIncidentOpened,
  });
  const quiet = due.filter(({ silence }) => silence !== undefined && silence.dueAtMs <= clock.clockMs);
  const reports = await reportsOf(
    client,
    place,
    clock,
    quiet.map(({ vehicle }) => vehicle),
  );

  // Asked only where the answer matters.
  const hinted = ready.filter((vehicle) => presence.wouldWaitInDeadZone(vehicle)).map(({ vehicle }) => vehicle);
  const deadZones = await inDeadZones(client, hinted, clock.logTimeMs ?? clock.clockMs);

  // Behind the guard, which takes alerts into the incidents that it opens.
  const toBeTold = due.filter(({ notices }) => (notices?.offline?.dueAtMs ?? Infinity) <= clock.clockMs);
  const spokenFor = await spokenForOf(
    client,
    toBeTold.map(({ vehicle }) => vehicle),
  );

  const facts: JudgedFacts = {
    ...(consumed !== undefined && { consumedToMs: consumed }),
    ...reports,
    deadZone: [...deadZones],
    spokenFor: [...spokenFor],
    incidents: membersBy(incidentOf),
    opened,
    closed: [],
  };
  const factsOf = factsFor(facts);
  const effects = due.flatMap((vehicle) => presence.judge(vehicle, factsOf(vehicle)));
  const { closed, open } = await tendIncidents({
    client,
    partition,
    clock,
    limits: options.incidentLimits,
    policies,
    memberOf: presence.incidents(),
    onClosed: options.onIncidentClosed,
  });
  const released = closed.flatMap((incidentId) => presence.closeIncident(incidentId));
  return {
    effects: [...effects, ...released],
    due: due.length,
    deadlinesHeld: guarded.length - ready.length,
    facts: { ...facts, closed },
    incidentsOpen: open,
  };
}

function membersBy(incidentOf: ReadonlyMap<number, string>): JudgedFacts['incidents'] {
  const members = new Map<string, number[]>();
  for (const [vehicle, incidentId] of incidentOf) members.set(incidentId, [...(members.get(incidentId) ?? []), vehicle]);
  return [...members];
}

function suspectOf({ presence }: VehicleState, clockMs: number) {
  return presence.kind === 'suspect' && presence.dueAtMs <= clockMs ? presence : undefined;
}

function isReady({ presence }: VehicleState, consumed: number | undefined, clock: PartitionClock): boolean {
  return presence.kind === 'suspect' && mayBeJudged(presence, consumed, clock);
}

function asDueSuspect({ vehicle, organisationId, presence }: VehicleState): DueSuspect[] {
  return presence.kind === 'suspect' ? [{ vehicle, organisationId, suspect: presence }] : [];
}
