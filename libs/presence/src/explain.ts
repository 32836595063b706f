import type { PartitionClock } from './clock/partition-clock.js';
import { noticeDueAtMs } from './notices/notice.js';
import { noticesOf } from './notices/tell.js';
import type { Policies } from './policy/policies.js';
import type { VehicleState } from './state/vehicle-state.js';

/** One of the reasons why there is, or is no, alert. */
export interface Reason {
  code: string;
  /** A sentence for people. */
  text: string;
}

const at = (ms: number) => new Date(ms).toISOString();
const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;

/** Why a vehicle is what it is, and why an alert about it is open, waits, or will not come. */
export function explain(vehicle: VehicleState, clock: Pick<PartitionClock, 'clockMs' | 'logTimeMs'>, policies: Policies): Reason[] {
  return [...ofPresence(vehicle, clock, policies), ...ofOthers(vehicle), ...ofNotices(vehicle, clock, policies)];
}

function ofPresence(vehicle: VehicleState, { clockMs }: Pick<PartitionClock, 'clockMs'>, policies: Policies): Reason[] {
  const { presence, connections } = vehicle;
  const policy = policies.policyOf(vehicle);
  switch (presence.kind) {
    case 'unknown':
      return [{ code: 'never_connected', text: 'No connection of it was ever seen in the log, or none was established.' }];
    case 'online': {
      const open = { code: 'connected', text: `${connections.length} of its connections is open: while one is, it is not lost.` };
      if (presence.rest === undefined) return [open];
      return [
        open,
        { code: 'connection_unproved', text: 'What it was before is kept until log time has passed the connection by a second.' },
      ];
    }
    case 'parked':
      if (presence.cause === 'client_disconnect' && !(policy.alertOnCleanDisconnect && policy.requiresWill))
        return [
          {
            code: 'parked_clean_disconnect',
            text: 'It took its leave (DISCONNECT 0x00), which is no loss unless alertOnCleanDisconnect is set.',
          },
        ];
      return [
        {
          code: 'parked_not_judged',
          text: `It went by ${presence.cause} and had announced no will, without which the policy (requiresWill) does not judge it.`,
        },
      ];
    case 'suspect': {
      const lost = {
        code: 'contact_lost',
        text: `Contact was lost at ${at(presence.sinceMs)} by ${presence.cause}, on node ${presence.node}.`,
      };
      const zone = presence.inDeadZone
        ? [{ code: 'dead_zone', text: `Others lost contact near there lately: the policy waits ${seconds(policy.deadZoneGraceMs)}.` }]
        : [];
      if (presence.dueAtMs <= clockMs)
        return [
          lost,
          ...zone,
          {
            code: 'held_for_storm_guard',
            text: 'Its grace is over; it is judged when every presence partition has been read to the same time.',
          },
        ];
      return [
        lost,
        ...zone,
        {
          code: 'grace_runs',
          text: `Its grace runs for another ${seconds(presence.dueAtMs - clockMs)} of the partition's clock; a return before that is no alert.`,
        },
      ];
    }
    case 'offline': {
      const lost = {
        code: 'contact_lost',
        text: `Contact was lost at ${at(presence.sinceMs)} by ${presence.cause}, on node ${presence.node}.`,
      };
      switch (presence.notice.kind) {
        case 'alert':
          return [lost, { code: 'alert_open', text: 'It stayed away for longer than its grace: an offline alert is open.' }];
        case 'incident':
          return [lost, { code: 'incident_member', text: `Many were lost at once: incident ${presence.notice.incidentId} speaks for it.` }];
        case 'misconfigured':
          return [
            lost,
            { code: 'misconfigured_instead', text: 'It keeps being closed for the same fault: the misconfigured alert speaks for it.' },
          ];
      }
    }
  }
}

function ofOthers({ silence, faults, conflict }: VehicleState): Reason[] {
  const reasons: Reason[] = [];
  if (silence?.alertingSinceMs !== undefined)
    reasons.push({
      code: 'silent',
      text: `It is connected and said nothing for too long: a silent alert is open since ${at(silence.alertingSinceMs)}.`,
    });
  if (faults?.quietAtMs !== undefined)
    reasons.push({ code: 'misconfigured', text: `It was closed again and again for ${faults.cause}: a misconfigured alert is open.` });
  if (conflict !== undefined)
    reasons.push({
      code: 'identity_conflict',
      text: `Its identity is used from ${conflict.addresses.join(' and ')}: an identity_conflict alert is open.`,
    });
  return reasons;
}

function ofNotices(
  vehicle: VehicleState,
  { clockMs, logTimeMs = clockMs }: Pick<PartitionClock, 'clockMs' | 'logTimeMs'>,
  policies: Policies,
): Reason[] {
  return noticesOf(vehicle).map(([type, notice]) => {
    const { toldMs, dueAtMs, openedAtMs } = notice;
    if (toldMs !== undefined)
      return {
        code: 'told',
        text: `The ${type} alert was told ${seconds(clockMs - toldMs)} ago, unless somebody looked after it already.`,
      };
    const mutedUntilMs = policies.mutedUntilMs(vehicle, { type, openedAtMs }, logTimeMs);
    if (mutedUntilMs !== undefined) {
      const end = mutedUntilMs === Number.POSITIVE_INFINITY ? 'until the mute is deleted' : `until ${at(mutedUntilMs)}`;
      return { code: 'not_told_muted', text: `The ${type} alert is not told ${end}: a mute or a maintenance window is on.` };
    }
    const wantedMs = noticeDueAtMs(type, notice, policies.policyOf(vehicle));
    if (wantedMs !== undefined && wantedMs <= clockMs) {
      const text = `The ${type} alert is withheld: an open incident speaks for it, until that is over. Where there is none a mute has just ended, and it is told in a moment.`;
      return { code: 'not_told_withheld', text };
    }
    const wait = dueAtMs === undefined ? 'soon' : `in ${seconds(Math.max(0, dueAtMs - clockMs))}`;
    return {
      code: 'not_told_yet',
      text: `The ${type} alert is told ${wait}: the outage has not lasted as long as the policy wants (minimumOutageSeconds).`,
    };
  });
}
