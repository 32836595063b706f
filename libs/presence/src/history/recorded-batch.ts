import type { PresenceEvent } from '../presence-partition.js';
import type { VehicleState } from '../state/vehicle-state.js';
import type { Facts } from '../transitions/judge.js';
import type { ReportFacts } from '../transitions/silence.js';
import { eventOf, type RecordedEvent, recordedEvent } from './recorded-event.js';

/** An incident that was opened while a batch was judged. */
export interface OpenedIncident {
  id: string;
  organisationId: number;
  /** Null: the organisation's. */
  node: string | null;
  /** Whom it had as members from the start: numbers of vehicles, of any partition. */
  members: number[];
}

/** What the world said while a batch was judged; everything else the machine knows by itself. Vehicles by their numbers. */
export interface JudgedFacts {
  /** Steady time to which all others were consumed, where it was asked. */
  consumedToMs?: number;
  /** To which ingest was complete, where it was asked. */
  completeUntilMs?: number;
  /** Newest reports (receive time) of those whose silence was looked at. */
  reports: [vehicle: number, reportAtMs: number][];
  deadZone: number[];
  spokenFor: number[];
  /** Members by incident, of those judged here. */
  incidents: [incidentId: string, vehicles: number[]][];
  opened: OpenedIncident[];
  /** Incidents over, of which members are here or which is tended here. */
  closed: string[];
}

export const noFacts: JudgedFacts = { reports: [], deadZone: [], spokenFor: [], incidents: [], opened: [], closed: [] };

/** A batch as it was applied, in the order of these: policies, events, judgement of what was due, incidents that were over. */
export interface RecordedBatch {
  partition: number;
  /** The state was read from the tables before it, as after a start or a failed transaction. */
  loaded: boolean;
  policyVersion: number;
  events: PresenceEvent[];
  /** Vehicles judged. */
  due: number;
  facts: JudgedFacts;
  /** The partition's two times behind it: a replay must come to the same. */
  logTimeMs?: number;
  clockMs: number;
}

/** The part of a batch that is packed. Absent where there is nothing to say; `all`: there is no other partition. */
export interface PackedBatch {
  /** The number of the partition's batch before it. */
  p?: number;
  b?: [offset: number, atMs: number];
  e?: RecordedEvent[];
  d?: number;
  to?: number | 'all';
  until?: number;
  reports?: JudgedFacts['reports'];
  dead?: number[];
  spoken?: number[];
  in?: JudgedFacts['incidents'];
  opened?: OpenedIncident[];
  closed?: string[];
}

/** As plain JSON, short: this is written for every batch. */
export function packBatch({ events, due, facts }: Pick<RecordedBatch, 'events' | 'due' | 'facts'>, previousId?: number): PackedBatch {
  const first = events[0];
  const base: [number, number] = [first?.offset ?? 0, first?.atMs ?? 0];
  const recorded = events.map((event) => recordedEvent(event, base)).filter((event) => event !== undefined);
  const { consumedToMs, completeUntilMs, reports, deadZone, spokenFor, incidents, opened, closed } = facts;
  return {
    ...(previousId !== undefined && { p: previousId }),
    ...(recorded.length > 0 && { b: base, e: recorded }),
    ...(due > 0 && { d: due }),
    ...(consumedToMs !== undefined && { to: consumedToMs === Number.POSITIVE_INFINITY ? 'all' : consumedToMs }),
    ...(completeUntilMs !== undefined && { until: completeUntilMs }),
    ...(reports.length > 0 && { reports }),
    ...(deadZone.length > 0 && { dead: deadZone }),
    ...(spokenFor.length > 0 && { spoken: spokenFor }),
    ...(incidents.length > 0 && { in: incidents }),
    ...(opened.length > 0 && { opened }),
    ...(closed.length > 0 && { closed }),
  };
}

export function unpackBatch(packed: PackedBatch): Pick<RecordedBatch, 'events' | 'due' | 'facts'> {
  const base = packed.b ?? [0, 0];
  return {
    events: (packed.e ?? []).map((recorded) => eventOf(recorded, base)),
    due: packed.d ?? 0,
    facts: {
      ...(packed.to !== undefined && { consumedToMs: packed.to === 'all' ? Number.POSITIVE_INFINITY : packed.to }),
      ...(packed.until !== undefined && { completeUntilMs: packed.until }),
      reports: packed.reports ?? [],
      deadZone: packed.dead ?? [],
      spokenFor: packed.spoken ?? [],
      incidents: packed.in ?? [],
      opened: packed.opened ?? [],
      closed: packed.closed ?? [],
    },
  };
}

/** The facts of each vehicle, as `judge` takes them. */
export function factsFor(facts: JudgedFacts): (vehicle: VehicleState) => Facts {
  const reportAtMs = new Map(facts.reports);
  const incidentOf = new Map(
    facts.incidents.flatMap(([incidentId, vehicles]) => vehicles.map((vehicle) => [vehicle, incidentId] as const)),
  );
  const deadZone = new Set(facts.deadZone);
  const spokenFor = new Set(facts.spokenFor);
  return ({ vehicle }) => {
    const at = reportAtMs.get(vehicle);
    const incidentId = incidentOf.get(vehicle);
    const report: ReportFacts = {
      ...(at !== undefined && { reportAtMs: at }),
      ...(facts.completeUntilMs !== undefined && { completeUntilMs: facts.completeUntilMs }),
    };
    return {
      ...(facts.consumedToMs !== undefined && { consumedToMs: facts.consumedToMs }),
      ...(incidentId !== undefined && { incidentId }),
      report,
      deadZone: deadZone.has(vehicle),
      spokenFor: spokenFor.has(vehicle),
    };
  };
}
