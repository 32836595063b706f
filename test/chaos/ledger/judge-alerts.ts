import type { Client } from 'pg';
import type { Finding } from './finding.js';
import type { JournalVehicle, Notes } from './read-journal.js';
import { earliest, type Stall } from './stalls.js';

export interface AlertFindings {
  alerts: number;
  /** Absences that were long enough to ask for an alert. */
  absences: number;
  /** Opened although its vehicle could be heard, or had not been away for its grace; or open although it is back. */
  falseAlerts: Finding[];
  /** Taken away on purpose for longer than the grace, and no alert; or one that was not resolved by its return, but never or before it. */
  missedAlerts: Finding[];
}

interface AlertRow {
  vehicleId: string;
  type: string;
  status: string;
  cause: string | null;
  openedAt: Date;
  resolvedAt: Date | null;
}

export interface Graces {
  graceMs: number;
  nodeGraceMs: number;
}

/** Log time lags behind by a lease; the ledger and the broker see a contact end in different moments. */
export const TOLERANCE_MS = 3_000;
/** Beyond the grace: a lease, the clock's steps, judging, and a busy machine. An absence that is shorter proves nothing. */
export const ALERT_DUE_AFTER_GRACE_MS = 20_000;

export async function judgeAlerts({ vehicles, stalls }: Notes, database: Client, { graceMs, nodeGraceMs }: Graces): Promise<AlertFindings> {
  const { rows } = await database.query<AlertRow>(
    `select v.vehicle_id as "vehicleId", a.type, a.status, a.cause, a.opened_at as "openedAt", a.resolved_at as "resolvedAt"
       from alerts a left join vehicles v on v.id = a.vehicle`,
  );
  const findings: AlertFindings = { alerts: rows.length, absences: 0, falseAlerts: [], missedAlerts: [] };
  const byId = new Map(vehicles.map((vehicle) => [vehicle.vehicleId, vehicle]));

  for (const alert of rows) {
    const vehicle = byId.get(alert.vehicleId);
    const isOfNode = alert.cause === 'node_lost' || alert.cause === 'server_shutdown';
    const reason =
      alert.type !== 'offline'
        ? 'no vehicle gave a reason for it'
        : unfounded(vehicle, alert.openedAt.getTime(), isOfNode ? nodeGraceMs : graceMs, stalls);
    if (reason !== undefined) findings.falseAlerts.push({ what: `${nameOf(alert)}: ${reason}`, at: alert.openedAt.getTime() });
    else if (alert.status !== 'resolved' && isBack(vehicle)) findings.falseAlerts.push({ what: `${nameOf(alert)}: still open` });
  }
  for (const vehicle of vehicles) {
    for (const { from, to } of vehicle.absences) {
      if (to === undefined || to - from < graceMs + ALERT_DUE_AFTER_GRACE_MS) continue;
      findings.absences += 1;
      // Whoever stood still before it took a vehicle away had let the broker wait for that vehicle already.
      const dueAt = earliest(from, stalls) + graceMs;
      const opened = rows.filter(({ vehicleId, type, openedAt }) => {
        const at = openedAt.getTime();
        return vehicleId === vehicle.vehicleId && type === 'offline' && at >= dueAt - TOLERANCE_MS && at <= to + TOLERANCE_MS;
      });
      const what = `${vehicle.vehicleId} was away from ${time(from)} to ${time(to)}`;
      if (opened.length === 0) findings.missedAlerts.push({ what: `${what}, and there is no alert`, at: from });
      else if (opened.some(({ resolvedAt }) => resolvedAt === null || resolvedAt.getTime() < to - TOLERANCE_MS)) {
        findings.missedAlerts.push({ what: `${what}, and its return resolved nothing`, at: from });
      }
    }
  }
  return findings;
}

/** Why the alert should not be there; undefined when the vehicle was away for long enough when it was opened. */
function unfounded(vehicle: JournalVehicle | undefined, openedAt: number, graceMs: number, stalls: readonly Stall[]): string | undefined {
  if (vehicle === undefined) return 'the ledger knows no such vehicle';
  const before = vehicle.contacts.filter(({ from }) => from <= openedAt - TOLERANCE_MS).at(-1);
  if (before === undefined) return 'it had not been there yet';
  const next = vehicle.contacts.find(({ from }) => from > openedAt - TOLERANCE_MS);
  // It may have gone before that was noted, but not later. It may have come before that was noted, too: it is asked for as late as that.
  const awaySince = before.to === undefined ? Infinity : earliest(before.to, stalls);
  if (awaySince > openedAt + TOLERANCE_MS) return 'it could be heard';
  if (before.left) return 'it had said goodbye';
  const awayMs = openedAt - awaySince;
  if (awayMs < graceMs - TOLERANCE_MS)
    return `it was away for ${awayMs} ms, and its grace is ${graceMs} ms (back at ${next?.from ?? 'no time'})`;
  return undefined;
}

function isBack(vehicle: JournalVehicle | undefined): boolean {
  const last = vehicle?.contacts.at(-1);
  return last !== undefined && (last.to === undefined || last.left === true);
}

const time = (at: number) => new Date(at).toISOString().slice(11, 23);

function nameOf({ vehicleId, type, status, cause, openedAt }: AlertRow): string {
  return `${type} alert of ${vehicleId} (${cause ?? 'no cause'}, ${status}) of ${time(openedAt.getTime())}`;
}
