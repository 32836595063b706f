import { presenceAlertTypes } from '@milepost/contracts';
import { lastBatches, type Pool, readPolicyChanges, sql, withTransaction } from '@milepost/database';
import {
  type Divergence,
  type LedgerAlert,
  type PolicyChange,
  RecordedPolicies,
  ReplayedFleet,
  type ReplayedIncident,
  type SaidPolicy,
  type WhatIf,
} from '@milepost/presence';
import { CliError } from '../cli-error.js';
import { type Compared, type ComparedAlert, compare } from './comparison.js';
import { batchesBehind, incidentsIn, openBehind, restore, type Snapshot, snapshotsBefore } from './history.js';
import { StoredWorld } from './stored-world.js';

const realAlerts = sql('backtest/alerts');

/** An alert may end at a time that is known only later: so long (log time) the replay goes on behind the end. */
const SETTLED_AFTER_MS = 120_000;

export interface BacktestRequest {
  sinceMs: number;
  /** The end of the history unless given. */
  untilMs?: number;
  /** Its alerts alone are shown. */
  organisationId?: number;
  /** What holds in place of which policies; without it everything is as it was. */
  policies?: { insteadOf(rule: { organisationId: number; scope: string }): boolean; said: SaidPolicy[] };
}

export interface BacktestResult {
  sinceMs: number;
  untilMs: number;
  /** Log time of the snapshots. */
  fromMs: number;
  batches: number;
  alerts: Compared[];
  incidents: { real: ReplayedIncident[]; replayed: ReplayedIncident[] };
}

/** Replays the presence history and compares what comes of it with what was. Reads only. Memory: the fleet's state, a page of batches, and the alerts of the time asked for. */
export async function backtest(pool: Pool, request: BacktestRequest): Promise<BacktestResult> {
  const { sinceMs, organisationId, policies } = request;
  const snapshots = await snapshotsBefore(pool, sinceMs);
  const fromMs = Math.min(...snapshots.map(({ logTimeMs }) => logTimeMs));
  const from = Math.min(...snapshots.map(({ batchId }) => batchId));
  const untilMs = request.untilMs ?? Number.MAX_SAFE_INTEGER;
  // At one moment: what was real at the end of the history that is replayed.
  const reality = await withTransaction(pool, async (client) => {
    await client.query('set transaction isolation level repeatable read');
    // Other types come of what vehicles report, which no machine of presence judges.
    const values = [presenceAlertTypes, sinceMs, Math.min(untilMs, 8e15), organisationId ?? null];
    const { rows } = await client.query<RealRow>({ ...realAlerts, values });
    return { ends: await lastBatches(client, from), alerts: rows, incidents: await incidentsIn(client, fromMs, Math.min(untilMs, 8e15)) };
  });
  const recorded = new RecordedPolicies(await readPolicyChanges<PolicyChange>(pool));
  const fleet = new ReplayedFleet({
    partitions: await Promise.all(snapshots.map((snapshot) => restore(pool, snapshot))),
    policiesAt: (version) => recorded.at(version),
    incidents: openBehind(snapshots, reality.incidents),
    ...(policies && { whatIf: whatIf(pool, snapshots, recorded, sinceMs, policies) }),
  });

  const shown = (alert: LedgerAlert) => organisationId === undefined || alert.organisationId === organisationId;
  const replayed: ComparedAlert[] = [];
  let batches = 0;
  let endMs = fromMs;
  const over = new Set<number>();
  for await (const batch of batchesBehind(pool, snapshots, reality.ends)) {
    const { partition, logTimeMs = 0 } = batch;
    if (over.has(partition)) continue;
    const divergence = await fleet.apply(batch);
    if (divergence !== undefined) throw diverged(divergence, partition, logTimeMs);
    batches += 1;
    endMs = Math.max(endMs, logTimeMs);
    replayed.push(...fleet.ledger.takeResolved().filter((alert) => shown(alert) && (alert.resolvedAtMs ?? 0) >= sinceMs));
    if (logTimeMs >= untilMs + SETTLED_AFTER_MS) over.add(partition);
    if (over.size === snapshots.length) break;
  }
  for (const alert of fleet.ledger.open()) if (shown(alert)) replayed.push(alert);
  const inTime = within(sinceMs, untilMs);
  return {
    sinceMs,
    untilMs: Math.min(untilMs, endMs),
    fromMs,
    batches,
    alerts: compare(inTime(reality.alerts.map(realAlert)), inTime(replayed)),
    incidents: {
      real: incidentsWithin(reality.incidents, request, sinceMs),
      replayed: incidentsWithin(fleet.incidents(), request, sinceMs),
    },
  };
}

interface RealRow extends Omit<ComparedAlert, 'cause' | 'incidentId' | 'toldAtMs' | 'resolvedAtMs'> {
  cause: string | null;
  incidentId: string | null;
  toldAtMs: number | null;
  resolvedAtMs: number | null;
}

function realAlert({ cause, incidentId, toldAtMs, resolvedAtMs, ...alert }: RealRow): ComparedAlert {
  return {
    ...alert,
    cause: cause ?? undefined,
    incidentId: incidentId ?? undefined,
    toldAtMs: toldAtMs ?? undefined,
    resolvedAtMs: resolvedAtMs ?? undefined,
  };
}

/** Alerts that were opened or resolved within the time, as they stood at its end. */
function within(sinceMs: number, untilMs: number): (alerts: readonly ComparedAlert[]) => ComparedAlert[] {
  const before = (atMs: number | undefined) => (atMs !== undefined && atMs < untilMs ? atMs : undefined);
  return (alerts) =>
    alerts
      .filter(({ openedAtMs }) => openedAtMs < untilMs)
      .map((alert) => ({ ...alert, toldAtMs: before(alert.toldAtMs), resolvedAtMs: before(alert.resolvedAtMs) }))
      .filter(({ openedAtMs, resolvedAtMs = -Infinity }) => openedAtMs >= sinceMs || resolvedAtMs >= sinceMs);
}

function incidentsWithin(
  incidents: ReplayedIncident[],
  { organisationId, untilMs = Infinity }: BacktestRequest,
  sinceMs: number,
): ReplayedIncident[] {
  return incidents.filter(
    (incident) =>
      incident.openedAtMs < untilMs &&
      (incident.closedAtMs ?? Infinity) >= sinceMs &&
      (organisationId === undefined || incident.organisationId === organisationId),
  );
}

function whatIf(
  pool: Pool,
  snapshots: readonly Snapshot[],
  recorded: RecordedPolicies,
  fromMs: number,
  { insteadOf, said }: NonNullable<BacktestRequest['policies']>,
): WhatIf {
  const [newest] = [...snapshots].sort((one, other) => other.logTimeMs - one.logTimeMs);
  if (newest === undefined) throw new CliError('There are no snapshots.');
  const books = new Map<number, ReturnType<RecordedPolicies['at']>>();
  const policiesAt = (version: number) => {
    const known = books.get(version) ?? recorded.at(version).instead(insteadOf, said);
    books.delete(version);
    books.set(version, known);
    for (const oldest of books.keys()) if (books.size > 8) books.delete(oldest);
    return known;
  };
  return { fromMs, policiesAt, storm: newest.storm, world: new StoredWorld(pool) };
}

function diverged({ what, recorded, replayed }: Divergence, partition: number, logTimeMs: number): CliError {
  const logTime = logTimeMs > 0 ? new Date(logTimeMs).toISOString() : 'an unset log time';
  return new CliError(
    `The replay of partition ${partition} left the record at ${logTime}: ${what} ${replayed}, recorded ${recorded}. ` +
      'Rows of presence_batches are missing there, or another version of alerts judged then; ask for a --since behind the next daily snapshot.',
  );
}
