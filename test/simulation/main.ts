import { LogUnderTest } from './log-under-test.js';
import { parseOptions, usage } from './options.js';
import { Random } from './random.js';
import { type Absence, type Away, dueByMs, resolvedByMs } from './truth.js';
import { World } from './world.js';

/**
 * A day in virtual time. `world.ts` knows when each vehicle was reachable and `truth.ts` when an alert was due; neither knows the machine,
 * which learns of the world from the log alone. Exit code 1 for a false, missed, late or unresolved alert.
 */
const options = parseOptions(process.argv.slice(2));
if (options === 'help') {
  process.stdout.write(usage);
  process.exit(0);
}
const PARTITIONS = 12;
const startMs = Date.parse('2026-01-01T00:00:00Z');
const lengthMs = options.hours * 3_600_000;

interface Told {
  vehicleId: string;
  atMs: number;
  resolvedMs?: number;
}

const told: Told[] = [];
const open = new Map<string, Told>();
const log = new LogUnderTest(PARTITIONS, (effects) => {
  for (const effect of effects) {
    if (effect.kind === 'open_alert' && effect.type === 'offline') {
      const alert = { vehicleId: effect.vehicleId, atMs: log.nowMs };
      told.push(alert);
      open.set(effect.vehicleId, alert);
    }
    const resolved = effect.kind === 'resolve_alert' && effect.type === 'offline' ? open.get(effect.vehicleId) : undefined;
    if (resolved !== undefined) {
      resolved.resolvedMs = log.nowMs;
      open.delete(resolved.vehicleId);
    }
  }
});
const world = new World(startMs, lengthMs, options.vehicles, log, new Random(options.seed));
const started = performance.now();
world.run(startMs + lengthMs);

const alertsOf = new Map<string, Told[]>();
for (const alert of told) alertsOf.set(alert.vehicleId, [...(alertsOf.get(alert.vehicleId) ?? []), alert]);
const within = ({ atMs }: Told, { fromMs, toMs }: Away) => atMs >= fromMs && atMs < toMs;
const crashes = new Set(world.away.filter(({ kind }) => kind === 'crash'));
const awayOf = new Map<string, Away[]>();
for (const one of crashes) awayOf.set(one.vehicleId, [...(awayOf.get(one.vehicleId) ?? []), one]);

const falseAlerts = told.filter((alert) => !(awayOf.get(alert.vehicleId) ?? []).some((away) => within(alert, away)));
const outcome = [...crashes].map((away) => ({ away, alerts: (alertsOf.get(away.vehicleId) ?? []).filter((alert) => within(alert, away)) }));
const missed = outcome.filter(({ alerts }) => alerts.length === 0);
const repeated = outcome.filter(({ alerts }) => alerts.length > 1);
const late = outcome.filter(({ away, alerts: [first] }) => first !== undefined && first.atMs > dueByMs(away, world.faults));
const unresolved = outcome.filter(
  ({ away, alerts: [first] }) => first !== undefined && (first.resolvedMs ?? Number.POSITIVE_INFINITY) > resolvedByMs(away, world.faults),
);
const endMs = startMs + lengthMs;
const parkedAtEnd = new Set(
  world.away.filter(({ kind, fromMs, toMs }) => kind === 'parked' && fromMs < endMs && toMs >= endMs).map(({ vehicleId }) => vehicleId),
);
const states = log.states();
// Each of them was there: one that the machine does not know any more is taken for something else too.
const wrong = world.vehicleIds.filter((id) => states.get(id) !== (parkedAtEnd.has(id) ? 'parked' : 'online')).length;

const delays = outcome
  .flatMap(({ away, alerts: [first] }) => (first === undefined ? [] : [(first.atMs - away.fromMs) / 1_000]))
  .sort((a, b) => a - b);
const quantile = (share: number) => (delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? 0).toFixed(0);
const count = (kind: Absence) => world.away.filter((away) => away.kind === kind).length;
const times = (kind: string) => world.faults.filter((fault) => fault.kind === kind).length;

const rows: [string, string | number][] = [
  ['vehicles, hours, seed', `${options.vehicles}, ${options.hours}, ${options.seed}`],
  ['tunnels shorter than the keep-alive', count('tunnel')],
  ['tunnels longer than it, within the grace', count('long tunnel')],
  ['parked at a depot', count('parked')],
  ['crashes: an alert each', crashes.size],
  ['broker restarts, broker crashes, stalls', `${times('restart')}, ${times('crash')}, ${times('stall')}`],
  ['outages of Kafka', times('outage')],
  ['alerts', told.length],
  ['from the crash to the alert, median and longest (s)', `${quantile(0.5)}, ${quantile(1)}`],
  ['false', falseAlerts.length],
  ['missed', missed.length],
  ['late', late.length],
  ['told twice', repeated.length],
  ['not resolved in time', unresolved.length],
  ['incidents (none is due)', log.incidents],
  ['taken for something else in the end', wrong],
];
const width = Math.max(...rows.map(([name]) => name.length));
for (const [name, value] of rows) process.stdout.write(`${name.padEnd(width)}  ${value}\n`);
process.stderr.write(`took ${((performance.now() - started) / 1_000).toFixed(1)} s\n`);

const faults = [
  ...falseAlerts.map((alert) => ({ what: 'false', ...alert })),
  ...[...missed, ...late].map(({ away }) => ({ what: 'missed or late', ...away })),
];
for (const fault of faults.slice(0, 10)) process.stderr.write(`${JSON.stringify(fault)}\n`);
const bad = [falseAlerts, missed, late, repeated, unresolved].some((list) => list.length > 0) || log.incidents > 0 || wrong > 0;
if (crashes.size === 0)
  process.stderr.write('There was no crash: that no alert was missed means nothing. More --vehicles or --hours have some.\n');
process.exit(bad || crashes.size === 0 ? 1 : 0);
