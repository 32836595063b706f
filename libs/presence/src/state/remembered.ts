import type { AlertType } from '@milepost/contracts';
import type { PendingNotice } from '../notices/notice.js';
import type { VehicleState } from './vehicle-state.js';

/**
 * Whether a step changed something that somebody may want explained later: what the vehicle is, its open connections, which alerts are open, whether
 * they were told. Looks that found nothing, and how a connection is proved, are not: both follow from the clock.
 */
export function isRemembered(before: VehicleState | undefined, after: VehicleState): boolean {
  if (before === undefined || before.presence.kind !== after.presence.kind) return true;
  return (
    connectionsOf(before) !== connectionsOf(after) ||
    noticesOf(before) !== noticesOf(after) ||
    outcomeOf(before) !== outcomeOf(after) ||
    before.silence?.alertingSinceMs !== after.silence?.alertingSinceMs ||
    (before.faults?.quietAtMs === undefined) !== (after.faults?.quietAtMs === undefined) ||
    before.conflict?.addresses.join() !== after.conflict?.addresses.join()
  );
}

const connectionsOf = ({ connections }: VehicleState): string => connections.map(({ id }) => id).join();

function noticesOf({ notices = {} }: VehicleState): string {
  const open = Object.entries(notices) as [AlertType, PendingNotice][];
  return open.map(([type, { openedAtMs, toldMs }]) => `${type} ${openedAtMs} ${toldMs}`).join();
}

/** What else decides about an alert: the grace of a place, and who speaks for a vehicle that is away. */
function outcomeOf({ presence }: VehicleState): string {
  if (presence.kind === 'suspect') return `${presence.cause} ${presence.dueAtMs}`;
  return presence.kind === 'offline' ? `${presence.cause} ${presence.notice.kind}` : '';
}
