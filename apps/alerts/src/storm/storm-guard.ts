import type { DisconnectCause, Incident } from '@milepost/contracts';
import { sql } from '@milepost/database';
import type { OpenedIncident, PartitionClock, Policies, Suspect } from '@milepost/presence';
import { causesCountedWith, isStorm, type LossCount, type Losses, STORM_WINDOW_MS } from '@milepost/presence';
import type { PoolClient } from 'pg';
import { isHeard, tellOpened } from './tell-incident.js';

const awayAround = sql('alerts/storm/away-around');
const connectedBefore = sql('alerts/storm/connected-before');
const openIncidents = sql('alerts/storm/open-incidents');
const openIncident = sql('alerts/storm/open-incident');
const gatherMembers = sql('alerts/storm/gather-members');
const joinIncident = sql('alerts/storm/join-incident');
const updateIncident = sql('alerts/storm/update-incident');

/** A vehicle whose deadline is due and may be judged. */
export interface DueSuspect {
  vehicle: number;
  organisationId: number;
  suspect: Suspect;
}

/** Lost on one node of one organisation, in the same way. */
type Group = [DueSuspect, ...DueSuspect[]];

/** Where many can be lost at once. An incident belongs to one organisation; a node may serve several, and all are counted. */
interface Scope {
  kind: Incident['scope'];
  organisationId: number;
  node: string | null;
}

/** Of vehicles there. */
type CountOf = Record<Scope['kind'], number>;

interface OpenIncident {
  id: string;
  organisationId: number;
  scope: Incident['scope'];
  node: string | null;
}

export interface StormGuardOptions {
  client: PoolClient;
  partition: number;
  clock: PartitionClock;
  minimum: number;
  /** Of their mutes and windows: nobody is told of an incident all of whose members are muted. */
  policies: Policies;
  onOpened(incident: OpenIncident, vehicles: number): void;
}

/** What the guard found. */
export interface Verdicts {
  /** Members of an incident among the due, each with its incident. */
  incidentOf: ReadonlyMap<number, string>;
  /** Incidents that were opened for them. */
  opened: OpenedIncident[];
}

/** Says of due vehicles which are members of an incident, opening it where many were lost at once. Within the fenced transaction, when changes are written. */
export async function guardAgainstStorm(due: readonly DueSuspect[], options: StormGuardOptions): Promise<Verdicts> {
  const incidentOf = new Map<number, string>();
  const opened: OpenedIncident[] = [];
  if (due.length === 0) return { incidentOf, opened };
  const { client, clock } = options;
  const open = await client.query<OpenIncident>({ ...openIncidents, values: [[...new Set(due.map((one) => one.organisationId))]] });
  const incidents = open.rows;
  for (const group of groupsOf(due)) {
    const { organisationId, suspect } = group[0];
    const scopes: Scope[] = [
      { kind: 'node', organisationId, node: suspect.node },
      { kind: 'organisation', organisationId, node: null },
    ];
    let incident = incidents.find((one) => scopes.some((scope) => covers(one, scope)));
    if (incident === undefined) {
      incident = await detect(group, scopes, options, opened);
      if (incident !== undefined) incidents.push(incident);
    }
    if (incident === undefined) continue;
    const { id } = incident;
    await client.query({ ...joinIncident, values: [id, organisationId, clock.logTimeMs, group.map(({ vehicle }) => vehicle)] });
    for (const { vehicle } of group) incidentOf.set(vehicle, id);
  }
  return { incidentOf, opened };
}

/** The group's incident, in the first scope where losses are a storm. */
async function detect(
  group: Group,
  scopes: readonly Scope[],
  options: StormGuardOptions,
  opened: OpenedIncident[],
): Promise<OpenIncident | undefined> {
  const times = [...new Set(group.map(({ suspect }) => suspect.sinceMs))];
  const causes = causesCountedWith(group[0].suspect.cause);
  const losses = await lossesAround(group[0], times, causes, options);
  for (const scope of scopes) {
    const centre = times.find((lostAtMs) => isStorm(losses[scope.kind], lostAtMs, options.minimum));
    const incident = centre === undefined ? undefined : await open(scope, centre, causes, options, opened);
    if (incident !== undefined) return incident;
  }
  return undefined;
}

async function lossesAround(
  { organisationId, suspect }: DueSuspect,
  times: readonly number[],
  causes: readonly DisconnectCause[],
  { client, minimum }: StormGuardOptions,
): Promise<Record<Scope['kind'], Losses>> {
  const values = [suspect.node, organisationId, Math.min(...times) - STORM_WINDOW_MS - 1_000, Math.max(...times) + STORM_WINDOW_MS];
  const { rows } = await client.query<{ atMs: number } & CountOf>({ ...awayAround, values: [...values, causes] });
  const countsOf = (kind: Scope['kind']) => rows.map(({ atMs, [kind]: away }): LossCount => ({ atMs, away }));
  const [node, organisation] = [countsOf('node'), countsOf('organisation')];
  // Too few for a storm, as nearly always: then it does not matter how many were connected.
  const isPossible = Math.max(sumOf(node), sumOf(organisation)) > minimum;
  const before = isPossible ? (await client.query<CountOf>({ ...connectedBefore, values })).rows[0] : undefined;
  return {
    node: { counts: node, connectedBefore: before?.node ?? 0 },
    organisation: { counts: organisation, connectedBefore: before?.organisation ?? 0 },
  };
}

const sumOf = (counts: readonly LossCount[]): number => counts.reduce((sum, { away }) => sum + away, 0);

/** Opens the incident with everybody whom the count had, or finds the one that another process has just opened. */
async function open(
  scope: Scope,
  lostAtMs: number,
  causes: readonly DisconnectCause[],
  { client, partition, clock, policies, onOpened }: StormGuardOptions,
  opened: OpenedIncident[],
): Promise<OpenIncident | undefined> {
  const { organisationId, kind, node } = scope;
  const { clockMs, logTimeMs = clockMs } = clock;
  const made = await client.query<{ id: string }>({ ...openIncident, values: [organisationId, kind, node, partition, logTimeMs, clockMs] });
  const id = made.rows[0]?.id;
  if (id === undefined) {
    const { rows } = await client.query<OpenIncident>({ ...openIncidents, values: [[organisationId]] });
    return rows.find((one) => covers(one, scope));
  }
  const window = [lostAtMs - STORM_WINDOW_MS, lostAtMs + STORM_WINDOW_MS];
  const gathered = await client.query<{ vehicle: number }>({
    ...gatherMembers,
    values: [id, organisationId, node, ...window, logTimeMs, logTimeMs - STORM_WINDOW_MS, causes],
  });
  const members = gathered.rows.map(({ vehicle }) => vehicle);
  opened.push({ id, organisationId, node, members });
  const vehicles = members.length;
  await client.query({ ...updateIncident, values: [id, vehicles, 0, null, null] });
  const incident: OpenIncident = { id, organisationId, scope: kind, node };
  if (isHeard(policies, organisationId, members, logTimeMs))
    await tellOpened(client, { ...incident, openedAt: new Date(logTimeMs), vehicles, returned: 0 }, logTimeMs);
  onOpened(incident, vehicles);
  return incident;
}

function covers(incident: OpenIncident, { kind, organisationId, node }: Scope): boolean {
  return incident.organisationId === organisationId && incident.scope === kind && incident.node === node;
}

/** By organisation, node and how they were lost, in one order for all processes: two that open incidents at once must not wait for each other. */
function groupsOf(due: readonly DueSuspect[]): Group[] {
  const groups = new Map<string, Group>();
  for (const one of due) {
    const key = `${one.organisationId}/${one.suspect.node}/${causesCountedWith(one.suspect.cause).join()}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
