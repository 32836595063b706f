import type { Mute } from '@milepost/contracts';

/** What a mute is of, in words. A group that is not among the names is called by its id. */
export function targetOf({ alertId, vehicleId, groupId }: Mute, names: ReadonlyMap<string, string>): string {
  if (alertId !== undefined) return `alert ${alertId}`;
  if (vehicleId !== undefined) return `vehicle ${vehicleId}`;
  return groupId === undefined ? 'the organisation' : `group ${names.get(groupId) ?? groupId}`;
}
