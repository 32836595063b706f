import type { Effect, IncidentLimits, PresencePartition, VehicleState } from '@milepost/presence';
import { mayBeJudged } from '@milepost/presence';
import type { PoolClient } from 'pg';
import type { AlertsMetrics } from '../metrics.js';
import { consumedToMs, inDeadZones, type Place, reportsOf, spokenForOf } from '../store/facts.js';
import { saveChanges } from '../store/partition-store.js';
import { type DueSuspect, guardAgainstStorm, type StormGuardOptions } from '../storm/storm-guard.js';
import { type TendOptions, tendIncidents } from '../storm/tend-incidents.js';

/** Deadlines judged in one transaction; the next batch, at most two seconds later, takes the rest. */
const MAX_JUDGED = 10_000;

export interface JudgeOptions {
  client: PoolClient;
  presence: PresencePartition;
  place: Place;
  stormMinVehicles: number;
  incidentLimits: IncidentLimits;
  metrics: Pick<AlertsMetrics, 'held'>;
  onIncidentOpened: StormGuardOptions['onOpened'];
  onIncidentClosed: TendOptions['onClosed'];
}

/** Judges the deadlines that a partition's clock has reached, in the transaction that advances its position. */
export async function judgeDue(options: JudgeOptions): Promise<Effect[]> {
  const { client, presence, place, metrics } = options;
  const { partition } = place;
  const { clock } = presence;
  const due = presence.takeDue(MAX_JUDGED);
  const guarded = due.filter((vehicle) => suspectOf(vehicle, clock.clockMs)?.atOnce === false);
  const consumed = guarded.length === 0 ? undefined : await consumedToMs(client, place);
  const ready = guarded.filter((vehicle) => isReady(vehicle, consumed, clock.logTimeMs ?? clock.clockMs));
  metrics.held.set({ partition: String(partition) }, guarded.length - ready.length);

  // The guard counts rows: those of this partition must be as new as those of the others.
  if (ready.length > 0) await saveChanges(client, partition, presence.takeChanges());
  const incidents = await guardAgainstStorm(ready.flatMap(asDueSuspect), {
    client,
    partition,
    clock,
    minimum: options.stormMinVehicles,
    onOpened: options.onIncidentOpened,
  });
  const quiet = due.filter(({ silence }) => silence !== undefined && silence.dueAtMs <= clock.clockMs);
  const reportOf = await reportsOf(
    client,
    place,
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

  const effects = due.flatMap((vehicle) => {
    const incidentId = incidents.get(vehicle.vehicle);
    return presence.judge(vehicle, {
      ...(consumed !== undefined && { consumedToMs: consumed }),
      ...(incidentId !== undefined && { incidentId }),
      report: reportOf(vehicle.vehicle),
      deadZone: deadZones.has(vehicle.vehicle),
      spokenFor: spokenFor.has(vehicle.vehicle),
    });
  });
  const closed = await tendIncidents({
    client,
    partition,
    clock,
    limits: options.incidentLimits,
    memberOf: presence.incidents(),
    onClosed: options.onIncidentClosed,
  });
  return [...effects, ...closed.flatMap((incidentId) => presence.closeIncident(incidentId))];
}

function suspectOf({ presence }: VehicleState, clockMs: number) {
  return presence.kind === 'suspect' && presence.dueAtMs <= clockMs ? presence : undefined;
}

function isReady({ presence }: VehicleState, consumed: number | undefined, logTimeMs: number): boolean {
  return presence.kind === 'suspect' && mayBeJudged(presence, consumed, logTimeMs);
}

function asDueSuspect({ vehicle, organisationId, presence }: VehicleState): DueSuspect[] {
  return presence.kind === 'suspect' ? [{ vehicle, organisationId, suspect: presence }] : [];
}
