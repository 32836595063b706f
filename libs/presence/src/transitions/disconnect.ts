import type { DisconnectCause } from '@milepost/contracts';
import type { Moment } from '../clock/moment.js';
import type { Effect } from '../effect.js';
import { consequenceOf, type PresencePolicy } from '../policy/policy.js';
import type { OpenConnection } from '../state/connection.js';
import { type Away, isOfPlace, type Rest, type Suspect } from '../state/presence.js';
import { maxLostWithNode, type Stepped, type VehicleState } from '../state/vehicle-state.js';
import { recordFault } from './faults.js';
import { prove } from './prove.js';
import { endSilence } from './silence.js';

export interface End {
  connectionId: string;
  cause: DisconnectCause;
  /** How long its session lasts from here on, where the client said so as it left. */
  sessionExpirySeconds?: number;
  /** How long its will is kept back from here on, likewise. Brokers of earlier releases say of the session alone. */
  willDelaySeconds?: number;
}

/**
 * One connection ends. The vehicle stays online while another is open; how this one ended is kept, in case the others
 * turn out not to have been established.
 */
export function disconnect(vehicle: VehicleState, end: End, moment: Moment, policy: PresencePolicy): Stepped {
  const { connectionId, cause } = end;
  const open = vehicle.connections.find(({ id }) => id === connectionId);
  if (open === undefined || vehicle.presence.kind !== 'online') return corrected(vehicle, end, moment, policy);
  const ended = left(open, end);
  const proved = cause === 'not_established' ? { vehicle, effects: [] } : prove(vehicle, ended);
  const remaining: VehicleState = {
    ...proved.vehicle,
    connections: proved.vehicle.connections.filter(({ id }) => id !== connectionId),
    ...(leftByItself(cause) && { lastContactAtMs: moment.atMs }),
    ...(cause === 'node_lost' && { lostWithNode: withLost(vehicle, ended) }),
  };
  const saysNothing = cause === 'taken_over' || cause === 'not_established';
  const rest = remaining.presence.kind === 'online' ? remaining.presence.rest : undefined;

  // A client has one connection at a time: how its newest one ended tells where it is, however late the end of an older one is noticed.
  const newer = rest !== undefined && saysMore(rest, ended, cause) ? rest.away : undefined;
  let gone: Stepped;
  if (remaining.connections.length === 0) {
    const known = newer ?? (saysNothing ? rest?.away : undefined);
    gone = enter(remaining, known ?? awayBy(ended, cause, moment, policy), moment);
  } else {
    const kept = saysNothing || newer !== undefined;
    gone = { vehicle: kept ? remaining : rested(remaining, ended, awayBy(ended, cause, moment, policy), moment), effects: [] };
  }
  const judged = recordFault(gone.vehicle, cause, moment, policy);
  return { vehicle: judged.vehicle, effects: [...proved.effects, ...gone.effects, ...judged.effects] };
}

/** Its will is published when its session ends, if that is before its delay is over (MQTT-3.1.3-9): so long, and no longer, may the vehicle be away. */
function left<C extends Pick<OpenConnection, 'will'>>(connection: C, { sessionExpirySeconds, willDelaySeconds }: End): C {
  const { will } = connection;
  if (will === undefined) return connection;
  const delaySeconds = willDelaySeconds ?? Math.min(will.delaySeconds, sessionExpirySeconds ?? will.delaySeconds);
  return { ...connection, will: { ...will, delaySeconds } };
}

/**
 * Whether what the vehicle would fall back to is the end of a newer connection; or of the same one, which its node had announced again before it ended:
 * that the epoch of its first announcement is over says nothing of that end.
 */
function saysMore({ away, order }: Rest, ended: OpenConnection, cause: DisconnectCause): boolean {
  if (order === undefined || order < ended.order) return false;
  return order > ended.order || (cause === 'node_lost' && 'cause' in away && away.cause !== 'node_lost');
}

/** What the vehicle is when this was its last connection. `taken_over` and `not_established` come here only when nothing else is known. */
function awayBy(
  connection: Pick<OpenConnection, 'id' | 'node' | 'will'>,
  cause: DisconnectCause,
  { atMs, clockMs, recordClockMs }: Moment,
  policy: PresencePolicy,
): Away {
  const { will, node, id: connectionId } = connection;
  const consequence = consequenceOf(cause, will, policy);
  if (consequence.kind === 'park') return { kind: 'parked', sinceMs: atMs, cause };
  const { graceMs, atOnce } = consequence;
  const lostClockMs = atOnce ? clockMs : recordClockMs;
  const suspect: Suspect = {
    kind: 'suspect',
    sinceMs: atMs,
    cause,
    node,
    connectionId,
    lostClockMs,
    dueAtMs: lostClockMs + graceMs,
    atOnce,
  };
  return will === undefined ? suspect : { ...suspect, will };
}

/**
 * A node that was taken for lost says afterwards how a connection of its really ended: that is how the vehicle left. Where it is told to be offline
 * by then, that it took its leave is news, and nothing else.
 */
function corrected(vehicle: VehicleState, end: End, moment: Moment, policy: PresencePolicy): Stepped {
  const { connectionId, cause } = end;
  const unchanged: Stepped = { vehicle, effects: [] };
  if (cause === 'taken_over' || cause === 'not_established' || cause === 'node_lost') return unchanged;
  const { presence } = vehicle;
  const away = presence.kind === 'online' ? presence.rest?.away : presence;
  if (away?.kind !== 'suspect' && away?.kind !== 'offline') return unchanged;
  if (away.cause !== 'node_lost' || away.connectionId !== connectionId) return unchanged;
  const ended = left({ id: connectionId, node: away.node, ...(away.will && { will: away.will }) }, end);
  const known: Away = { ...awayBy(ended, cause, moment, policy), sinceMs: away.sinceMs };
  if (away.kind === 'offline' && known.kind !== 'parked') return unchanged;
  const effects: Effect[] =
    away.kind === 'offline' && away.notice.kind === 'alert'
      ? [{ kind: 'resolve_alert', vehicle: vehicle.vehicle, vehicleId: vehicle.vehicleId, type: 'offline', resolvedAtMs: moment.atMs }]
      : [];
  if (presence.kind !== 'online') return { vehicle: { ...vehicle, presence: known }, effects };
  if (presence.rest === undefined) return unchanged;
  return { vehicle: { ...vehicle, presence: { ...presence, rest: { ...presence.rest, away: known } } }, effects };
}

function rested(vehicle: VehicleState, { order }: OpenConnection, away: Away, { offset, clockMs }: Moment): VehicleState {
  if (vehicle.presence.kind !== 'online') return vehicle;
  return { ...vehicle, presence: { kind: 'online', sinceMs: vehicle.presence.sinceMs, rest: { away, atOffset: offset, order, clockMs } } };
}

function enter(vehicle: VehicleState, away: Away, moment: Moment): Stepped {
  const quiet = endSilence(vehicle, moment.atMs);
  const effects: Effect[] = away.kind === 'suspect' && isOfPlace(away) ? [...quiet.effects, lost(vehicle, away)] : quiet.effects;
  const lastLoss = away.kind === 'suspect' ? { lastLoss: { atMs: away.sinceMs, node: away.node } } : {};
  return { vehicle: { ...quiet.vehicle, presence: away, ...lastLoss }, effects };
}

function lost({ vehicle, vehicleId, organisationId }: VehicleState, { cause, sinceMs }: Suspect): Effect {
  return { kind: 'lose_contact', vehicle, vehicleId, organisationId, cause, atMs: sinceMs };
}

function withLost(
  { lostWithNode = [] }: VehicleState,
  { node, connectedAt, order }: OpenConnection,
): NonNullable<VehicleState['lostWithNode']> {
  return [...lostWithNode, { node, connectedAt, order }].slice(-maxLostWithNode);
}

function leftByItself(cause: DisconnectCause): boolean {
  return (
    cause === 'client_disconnect' || cause === 'client_disconnect_with_will' || cause === 'protocol_error' || cause === 'refused_publish'
  );
}
