import type { Mute } from '@milepost/contracts';

/** What a mute is of, in words. */
export function targetOf({ alertId, vehicleId, groupId }: Mute): string {
  if (alertId !== undefined) return `alert ${alertId}`;
  if (vehicleId !== undefined) return `vehicle ${vehicleId}`;
  return groupId === undefined ? 'the organisation' : `group ${groupId}`;
}
